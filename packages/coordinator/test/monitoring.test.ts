import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConfigInput } from "@waybill/config";
import { listSegments, openTreeLedger, type TreeLedger } from "@waybill/log-tree";
import { treeUsageOf } from "@waybill/monitor";
import { formatPrometheus } from "@waybill/monitor/prometheus";
import type { Clock } from "@waybill/protocols";
import { createFakeClock, createRecorder } from "@waybill/testing";
import { afterEach, describe, expect, it } from "vitest";
import { usageOfLedger } from "../src/monitoring/ledger-usage.ts";
import { openTreeMonitor, type TreeMonitor } from "../src/monitoring/tree-monitor.ts";
import { useTrees } from "./support/trees.ts";

const trees = useTrees();
const monitors: TreeMonitor[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** What a receiver of webhooks was sent, in order. @param failures - requests at first that it answers with 503. */
async function openReceiver(failures = 0) {
  const bodies: Readonly<Record<string, unknown>>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      response.statusCode = bodies.length > failures ? 200 : 503;
      response.end();
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function until(isSo: () => boolean): Promise<void> {
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start > 5000) throw new Error("not so after 5 s");
    await sleep(5);
  }
}

/** A tree of these files, each of so many bytes. */
function treeOf(files: Readonly<Record<string, number>>): string {
  const root = trees.directory();
  for (const [file, bytes] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), "x".repeat(bytes));
  }
  return root;
}

/** `logging.monitoring` with a threshold of one MiB or so. */
function configOf(root: string, url: string | undefined, thresholdGb: number) {
  const webhook = url === undefined ? {} : { webhook: { url } };
  const monitoring = { disk_usage_alert_threshold_gb: thresholdGb, ...webhook };
  return trees.configOf({ logging: { monitoring } } as ConfigInput, root);
}

function open(
  config: ReturnType<typeof configOf>,
  ledger: TreeLedger,
  clock?: Clock,
  logger = createRecorder(),
): TreeMonitor {
  const monitor = openTreeMonitor(config, {
    ledger: () => ledger,
    writers: () => ({
      accepted: 0,
      written: 0,
      queued: 0,
      dropped: 0,
      bytesWritten: 0,
      streams: 0,
      degraded: 0,
      descriptors: 0,
    }),
    lifecycle: () => ({ rotations: 0, archived: 0, deleted: 0, freedBytes: 0 }),
    registries: new Map(),
    logger,
    performanceLogger: createRecorder,
    onPressure: () => undefined,
    clock,
  });
  monitors.push(monitor);
  return monitor;
}

describe("the monitor of a real tree", () => {
  it("posts an alert to the webhook of its configuration when it begins and when it ends", async () => {
    const receiver = await openReceiver();
    const root = treeOf({ "containers/c/app.log": 2_000_000 });
    const ledger = await openTreeLedger(root);
    const monitor = open(configOf(root, receiver.url, 0.001), ledger);
    await monitor.recent(0);
    await until(() => receiver.bodies.length === 1);
    ledger.noteBytes(path.join(root, "containers/c/app.log"), 10);
    await monitor.recent(0);
    await until(() => receiver.bodies.length === 2);
    expect(receiver.bodies).toMatchObject([
      { source: "main", alert: "disk_usage", state: "firing", value: 2_000_000 },
      { source: "main", alert: "disk_usage", state: "ok", value: 10 },
    ]);
  });

  it("tells in the system log of an alert that could not be posted", async () => {
    const receiver = await openReceiver(2);
    const root = treeOf({ "master.log": 2_000_000 });
    const system = createRecorder();
    const ledger = await openTreeLedger(root);
    const monitor = open(configOf(root, receiver.url, 0.001), ledger, undefined, system);
    await monitor.recent(0);
    await until(() => receiver.bodies.length === 1);
    // Closing tries once more, without a pause.
    await monitor.close();
    expect(system.entries.at(-1)).toMatchObject({
      level: "WARNING",
      message: "An alert could not be posted",
      context: { alert: "disk_usage", reason: "the server answered 503" },
    });
  });

  it("turns to another webhook when the configuration does, and tells it nothing anew", async () => {
    const [before, after] = [await openReceiver(), await openReceiver()];
    const root = treeOf({ "master.log": 2_000_000 });
    const ledger = await openTreeLedger(root);
    const monitor = open(configOf(root, before.url, 0.001), ledger);
    await monitor.recent(0);
    monitor.reconfigure(configOf(root, after.url, 0.0015));
    await monitor.recent(0);
    ledger.noteBytes(path.join(root, "master.log"), 10);
    await monitor.recent(0);
    // Delivers what waits in either before it is done.
    await monitor.close();
    expect([before.bodies, after.bodies].map((bodies) => bodies.map(({ change }) => change))).toEqual([
      ["fired"],
      ["resolved"],
    ]);
  });

  it("keeps what waits in a webhook that stays the same", async () => {
    const clock = createFakeClock();
    const receiver = await openReceiver(2);
    const root = treeOf({ "master.log": 2_000_000 });
    const monitor = open(configOf(root, receiver.url, 0.001), await openTreeLedger(root), clock);
    await monitor.recent(0);
    monitor.reconfigure(configOf(root, receiver.url, 0.0015));
    // Closed, it would try once more without a pause, and then give up.
    await until(() => {
      clock.advance(100);
      return receiver.bodies.length === 3;
    });
    expect(new Set(receiver.bodies.map((body) => body["alert_id"])).size).toBe(1);
  });

  it("measures the machine, and descriptors where that can be done", async () => {
    const root = treeOf({ "master.log": 5 });
    const monitor = open(configOf(root, undefined, 1), await openTreeLedger(root));
    const { disk, descriptors, eventLoop, unmeasured } = await monitor.recent();
    expect(unmeasured).toEqual([]);
    expect(disk.capacityBytes).toBeGreaterThan(disk.freeBytes ?? Number.POSITIVE_INFINITY);
    expect(descriptors !== undefined).toBe(process.platform === "linux");
    expect(eventLoop?.delayMaxMs).toBeGreaterThanOrEqual(0);
  });

  it("gives the text of Prometheus in one line", async () => {
    const root = treeOf({ "containers/c/app.log": 5 });
    const monitor = open(configOf(root, undefined, 1), await openTreeLedger(root));
    expect(formatPrometheus(await monitor.recent())).toContain(
      '\nwaybill_disk_usage_bytes{kind="container"} 5\n',
    );
  });

  it("knows of the tree what its inventory says", async () => {
    const root = treeOf({
      "containers/c/app.log": 10,
      "containers/c/other.log": 4,
      "containers/c/app.20261122T103001123Z-000001.log.gz": 3,
      "containers/d/app.log": 2,
      "system/coordinator.log": 1,
      "master.log": 6,
      ".waybill/manifests/a.ndjson": 7,
    });
    const usage = usageOfLedger(await openTreeLedger(root));
    const expected = treeUsageOf(await listSegments(root), 7);
    const byId = (a: { containerId: string }, b: { containerId: string }) =>
      a.containerId.localeCompare(b.containerId);
    expect({ ...usage, containers: usage.containers.toSorted(byId) }).toEqual({
      ...expected,
      containers: expected.containers.toSorted(byId),
    });
  });
});
