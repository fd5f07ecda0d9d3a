import {
  listSegments,
  openTree,
  openTreeLedger,
  type StreamAddress,
  type TreeLayout,
  type TreeLedger,
} from "@waybill/log-tree";
import {
  createFakeClock,
  createFaultyFileSystem,
  type FakeClock,
  type FaultyFileSystem,
} from "@waybill/testing";

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
const root = "/logs";

/** A tree in memory with segments that a test makes. */
export interface MemoryTree {
  readonly files: FaultyFileSystem;
  readonly clock: FakeClock;
  readonly layout: TreeLayout;
  /** Makes a sealed segment with one entry. @returns its path. */
  addSealed(container: string, number: number, ageMs: number, bytes?: number): string;
  /** Makes an active segment with one entry. @returns its path. */
  addActive(container: string, ageMs: number, bytes?: number): string;
  /** Seals an active segment as its first, as a writer would. @returns the new path. */
  seal(file: string): string;
  openLedger(): Promise<TreeLedger>;
  /** Paths below the root of all that lies there but for `.waybill`, sorted. */
  list(): Promise<string[]>;
  /** Of all files. */
  bytes(directory?: string): number;
}

function streamOf(container: string): StreamAddress {
  return { kind: "container", container, component: "main" };
}

export function createMemoryTree(): MemoryTree {
  const clock = createFakeClock();
  const files = createFaultyFileSystem({ clock });
  const { layout } = openTree(root, { coordinatorId: "main", fileSystem: files, clock });
  const put = (file: string, seq: number, ageMs: number, bytes: number): string => {
    files.outside.writeFile(file, lineOf(clock.now() - ageMs, seq, bytes));
    return file;
  };
  const bytesBelow = (directory: string): number =>
    files.readdir(directory).reduce((sum, { name, kind }) => {
      const inner = `${directory}/${name}`;
      return sum + (kind === "directory" ? bytesBelow(inner) : (files.lstat(inner)?.size ?? 0));
    }, 0);
  return {
    files,
    clock,
    layout,
    addSealed: (container, number, ageMs, bytes = 1000) =>
      put(
        layout.sealedFile(streamOf(container), { sealedMs: clock.now() - ageMs, number }),
        number,
        ageMs,
        bytes,
      ),
    addActive: (container, ageMs, bytes = 1000) =>
      put(layout.activeFile(streamOf(container)), 1000, ageMs, bytes),
    seal(file) {
      const location = layout.locate(file);
      const sealed = layout.sealedFile(streamOf(location?.container ?? ""), {
        sealedMs: clock.now(),
        number: 1,
      });
      files.outside.rename(file, sealed);
      return sealed;
    },
    openLedger: () => openTreeLedger(root, { fileSystem: files }),
    async list() {
      const { segments } = await listSegments(root, { fileSystem: files });
      return segments.map((segment) => segment.path.slice(root.length + 1)).sort();
    },
    bytes: (directory = root) => bytesBelow(directory),
  };
}

/** One line of so many bytes. */
function lineOf(timestampMs: number, seq: number, bytes: number): string {
  const entry = {
    timestamp: new Date(timestampMs).toISOString(),
    level: "INFO",
    message: "entry",
    container_id: "a",
    component_name: "main",
    event_scope: "component_internal",
    seq,
    context: { pad: "" },
  };
  const missing = bytes - JSON.stringify(entry).length - 1;
  return `${JSON.stringify({ ...entry, context: { pad: "x".repeat(Math.max(0, missing)) } })}\n`;
}
