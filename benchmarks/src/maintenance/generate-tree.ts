import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { openTree, type StreamAddress, type TreeLayout } from "@waybill/log-tree";

const dayMs = 86_400_000;
const linesPerSegment = 30;
/** Of sealed segments the oldest is archived soon, of archived ones it is deleted soon, by the default policy. */
const sealedDays = 6;
const archivedDays = [7.5, 28] as const;

/** What a generated tree holds. */
export interface GeneratedTree {
  readonly containers: number;
  readonly componentsPerContainer: number;
  readonly sealedPerStream: number;
  readonly archivedPerStream: number;
}

/** Files of a tree with one active segment in each stream. */
export function fileCount(tree: GeneratedTree): number {
  return tree.containers * tree.componentsPerContainer * (1 + tree.sealedPerStream + tree.archivedPerStream);
}

/**
 * Makes a tree as a coordinator leaves it after weeks: small segments, active, sealed in the last days, and archived
 * before. The archive has no manifest yet. Runs for a while without letting the event loop turn.
 */
export function generateTree(root: string, tree: GeneratedTree, nowMs: number): void {
  const { layout } = openTree(root, { coordinatorId: "bench" });
  const made = new Set<string>();
  const write = (file: string, bytes: string | Buffer): void => {
    const directory = dirname(file);
    if (!made.has(directory)) mkdirSync(directory, { recursive: true });
    made.add(directory);
    writeFileSync(file, bytes);
  };
  for (let stream = 0; stream < tree.containers * tree.componentsPerContainer; stream++)
    generateStream(layout, addressOf(stream, tree), tree, nowMs, stream, write);
}

function addressOf(
  stream: number,
  { componentsPerContainer }: GeneratedTree,
): StreamAddress & { kind: "container" } {
  return {
    kind: "container",
    container: `container_${String(Math.floor(stream / componentsPerContainer) + 1).padStart(4, "0")}`,
    component: `component_${(stream % componentsPerContainer) + 1}`,
  };
}

function generateStream(
  layout: TreeLayout,
  address: StreamAddress & { kind: "container" },
  { sealedPerStream, archivedPerStream, containers, componentsPerContainer }: GeneratedTree,
  nowMs: number,
  stream: number,
  write: (file: string, bytes: string | Buffer) => void,
): void {
  // Every stream has another age, so that a limit in days takes a share of all of them.
  const phase = stream / (containers * componentsPerContainer);
  const [archivedFrom, archivedTo] = archivedDays;
  let number = 0;
  for (let at = archivedPerStream; at > 0; at--) {
    const ageDays = archivedFrom + ((archivedTo - archivedFrom) * (at - 1 + phase)) / archivedPerStream;
    const sealedMs = Math.floor(nowMs - ageDays * dayMs);
    number += 1;
    const text = segmentText(address, sealedMs, number);
    write(layout.archivedFile(address, { sealedMs, number }), gzipSync(text, { level: 1 }));
  }
  for (let at = sealedPerStream; at > 0; at--) {
    const sealedMs = Math.floor(nowMs - (sealedDays * (at - 1 + phase) * dayMs) / sealedPerStream);
    number += 1;
    write(layout.sealedFile(address, { sealedMs, number }), segmentText(address, sealedMs, number));
  }
  write(layout.activeFile(address), segmentText(address, nowMs, number + 1));
}

/** Lines of the format, the last one of the time of the seal. */
function segmentText(
  { container, component }: { readonly container: string; readonly component: string },
  sealedMs: number,
  number: number,
): string {
  let text = "";
  for (let line = linesPerSegment; line > 0; line--) {
    text += lineOf(container, component, sealedMs - (line - 1) * 1000, number * linesPerSegment - line + 1);
  }
  return text;
}

function lineOf(container: string, component: string, atMs: number, seq: number): string {
  const fields = {
    timestamp: new Date(atMs).toISOString(),
    level: "INFO",
    message: "Indicator updated from market data",
    container_id: container,
    component_name: component,
    event_scope: "component_internal",
    seq,
    context: {
      symbol: "AAPL",
      close: (seq * 7919) % 400,
      window: { bars: 20, mean: seq % 97, deviation: 1.5 },
    },
  };
  return `${JSON.stringify(fields)}\n`;
}

/** Makes sealed segments that are due to be archived, each of about so many bytes, in one stream. @returns their bytes. */
export function generateLargeSegments(
  root: string,
  segments: number,
  bytesPerSegment: number,
  nowMs: number,
): number {
  const { layout } = openTree(root, { coordinatorId: "bench" });
  const address = { kind: "container", container: "earlier", component: "main" } as const;
  mkdirSync(layout.directoryOf(address), { recursive: true });
  let seq = 0;
  let bytes = 0;
  for (let number = 1; number <= segments; number++) {
    const sealedMs = nowMs - (8 * dayMs + (segments - number) * 60_000);
    const fd = openSync(layout.sealedFile(address, { sealedMs, number }), "wx");
    for (let written = 0; written < bytesPerSegment; ) {
      let text = "";
      for (let line = 0; line < 1000; line++) text += lineOf("earlier", "main", sealedMs, ++seq);
      const taken = writeSync(fd, text);
      written += taken;
      bytes += taken;
    }
    closeSync(fd);
  }
  return bytes;
}
