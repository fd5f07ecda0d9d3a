import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { placeTree, type SegmentPlan, type TreePlace } from "./sealed-tree.ts";

/** A directory for one test, gone after it. */
export interface Workplace {
  readonly directory: string;
  /** Of the tree, which {@link Workplace.place} lays out. */
  readonly root: string;
  place(segments: readonly SegmentPlan[]): void;
  remove(): void;
}

const realFiles: TreePlace = {
  writeFile(file, content) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  },
  makeDirectory: (directory) => mkdirSync(directory, { recursive: true }),
};

export function createWorkplace(): Workplace {
  const directory = mkdtempSync(path.join(tmpdir(), "waybill-archive-"));
  const root = path.join(directory, "logs");
  return {
    directory,
    root,
    place: (segments) => placeTree(realFiles, root, segments),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
