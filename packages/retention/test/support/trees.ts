import { constants } from "node:fs";
import { formatStamp, openTree, type TreeLayout } from "@waybill/log-tree";
import {
  createFakeClock,
  createFaultyFileSystem,
  type FakeClock,
  type FaultyFileSystem,
} from "@waybill/testing";
import type { RetentionPorts, RetentionState } from "../../src/index.ts";
import { readRetentionState } from "../../src/index.ts";

const dayMs = 86_400_000;
export const root = "/logs";

/** A tree in memory. */
export interface MemoryTree {
  readonly files: FaultyFileSystem;
  readonly clock: FakeClock;
  readonly layout: TreeLayout;
  readonly ports: RetentionPorts;
  /** Makes a segment with one entry of each age in days, and returns its path below the root. */
  add(place: string, number: number, ...agesDays: readonly number[]): string;
  readState(): Promise<RetentionState>;
  /** Paths below the root of all files but those of `.waybill`. */
  list(): string[];
}

/** One line as a writer makes it. */
export function lineOf(timestampMs: number, seq: number, correlationId?: string): string {
  return `${JSON.stringify({
    timestamp: new Date(timestampMs).toISOString(),
    level: "INFO",
    message: "entry",
    container_id: "a",
    component_name: "main",
    event_scope: "component_internal",
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    seq,
  })}\n`;
}

/** The name of a sealed segment of component `main`. */
export function sealedName(sealedMs: number, number: number): string {
  return `main.${formatStamp(sealedMs)}-${String(number).padStart(6, "0")}.log`;
}

/** Makes a tree on a file system in memory, or takes it up from an earlier process. */
export function memoryTree(given?: FaultyFileSystem, clock = createFakeClock()): MemoryTree {
  const files = given ?? createFaultyFileSystem({ clock });
  const { layout } = openTree(root, { coordinatorId: "main", fileSystem: files, clock });
  const list = (directory = root): string[] =>
    files.readdir(directory).flatMap(({ name, kind }) => {
      const inner = `${directory}/${name}`;
      if (inner === `${root}/.waybill`) return [];
      return kind === "directory" ? list(inner) : [inner.slice(root.length + 1)];
    });
  return {
    files,
    clock,
    layout,
    ports: { fileSystem: files, clock, mountPoints: () => [] },
    add(place, number, ...agesDays) {
      const times = agesDays.map((days) => clock.now() - days * dayMs);
      const file = `${place}/${number === 0 ? "main.log" : sealedName(times.at(-1) ?? clock.now(), number)}`;
      const lines = times.map((timeMs, at) =>
        lineOf(timeMs, (number === 0 ? 1000 : (number - 1) * 10) + at + 1),
      );
      files.outside.writeFile(`${root}/${file}`, lines.join(""));
      makeDurable(files, `${root}/${file}`);
      return file;
    },
    readState: () =>
      readRetentionState(root, { fileSystem: files, clock, diskSpace: () => Promise.resolve(undefined) }),
    list: () => list().sort(),
  };
}

function makeDurable(files: FaultyFileSystem, file: string): void {
  const fd = files.open(file, constants.O_WRONLY, 0);
  files.sync(fd);
  files.close(fd);
  files.syncDirectory(file.slice(0, file.lastIndexOf("/")));
}
