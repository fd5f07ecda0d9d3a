import { chmodSync, chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes, until } from "./support/fault-case.ts";
import type { Plan } from "./support/plan.ts";
import type { LoggingChild } from "./support/start-child.ts";

/** Nobody: root is asked for no permission. */
const uid = 65_534;

function planAsNobody(
  fault: FaultCase,
  more: Pick<Plan, "steps"> & Partial<Plan>,
): { plan: Plan; containers: string } {
  const plan = fault.plan(more);
  const containers = join(plan.root, "containers");
  mkdirSync(containers);
  for (const owned of [fault.folder, plan.root, containers]) chownSync(owned, uid, uid);
  return { plan, containers };
}

async function endOf(fault: FaultCase, child: LoggingChild, plan: Plan) {
  const { status } = await child.hear("closed");
  const ended = await child.ended();
  const found = await readFound(plan.root);
  const { accepted, lost, duplicates } = balance(readAcknowledgements(plan.acks), found, status.dropped);
  fault.tell({ accepted, lost: lost.length, dropped: status.dropped });
  const { damage, inversions } = found;
  return { ended, lost: lost.length, duplicates, damage, inversions, dropped: status.dropped };
}

const clean = {
  ended: { code: 0, signal: null },
  lost: 0,
  duplicates: 0,
  damage: [],
  inversions: 0,
  dropped: 0,
};

describe.concurrent.each(modes)("F06 no permission, %s", (mode) => {
  faultCase(
    `F06 ${mode}: starts without permission and loses nothing once it is given`,
    ["root"],
    async (fault) => {
      const { plan, containers } = planAsNobody(fault, {
        stream: { mode },
        containers: 3,
        steps: [
          { do: "log", count: 100, perTurn: 5, pauseMs: 5 },
          { do: "say", word: "logged" },
          { do: "await", word: "granted" },
          { do: "log", forMs: 1200, pauseMs: 10 },
          { do: "flush" },
          { do: "say", word: "flushed" },
          { do: "close" },
          { do: "say", word: "closed" },
          { do: "end", how: "natural" },
        ],
      });
      chmodSync(containers, 0o500);
      const child = fault.start(plan, { uid });
      const { status } = await child.hear("logged");
      chmodSync(containers, 0o750);
      child.tell("granted");
      const { flushes } = await child.hear("flushed");
      const end = await endOf(fault, child, plan);
      expect({ ...end, flushes: flushes.resolved, wasQueued: status.queued }).toEqual({
        ...clean,
        flushes: 1,
        wasQueued: 300,
      });
    },
  );

  faultCase(
    `F06 ${mode}: goes on when permission is taken away during rotation and given again`,
    ["root"],
    async (fault) => {
      const { plan, containers } = planAsNobody(fault, {
        stream: { mode, segmentBytesMax: 8192 },
        steps: [
          { do: "log", forMs: 300, perTurn: 2, pauseMs: 2 },
          { do: "say", word: "running" },
          { do: "log", forMs: 2000, perTurn: 2, pauseMs: 5 },
          { do: "close" },
          { do: "say", word: "closed" },
          { do: "end", how: "natural" },
        ],
      });
      const child = fault.start(plan, { uid });
      await child.hear("running");
      const directory = join(containers, "c0");
      await until(() => existsSync(directory), 5000);
      chmodSync(directory, 0o500);
      await new Promise((resolve) => setTimeout(resolve, 700));
      chmodSync(directory, 0o750);
      expect(await endOf(fault, child, plan)).toEqual(clean);
    },
  );
});
