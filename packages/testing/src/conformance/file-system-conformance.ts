import type { FileSystem } from "@waybill/protocols";
import { createBench } from "./file-system-bench.ts";
import { declareDescriptors } from "./file-system-descriptors.ts";
import { declareLinks } from "./file-system-links.ts";
import { declareNames } from "./file-system-names.ts";
import type { ConformanceRunner } from "./runner.ts";

/** What {@link fileSystemConformance} tests. */
export interface FileSystemConformanceSubject {
  /** Called once for each test; may return the same one every time. */
  readonly create: () => FileSystem;
  /** An existing, empty directory, absolute. Each test works in a new directory below it and leaves that behind. */
  readonly root: string | (() => string);
  /** Makes a symbolic link, which the port cannot. Without it, the tests of links are not declared. */
  readonly symlink?: (fileSystem: FileSystem, target: string, path: string) => void;
}

/**
 * Declares the tests that every {@link FileSystem} must pass: what the log tree relies on, as Linux does it. Durability
 * cannot be tested from inside; the calls that ask for it are only made.
 */
export function fileSystemConformance(
  runner: ConformanceRunner,
  subject: FileSystemConformanceSubject,
): void {
  const bench = createBench(runner, subject);
  runner.describe("file system conformance: descriptors", () => declareDescriptors(bench));
  runner.describe("file system conformance: names", () => declareNames(bench));
  runner.describe("file system conformance: links", () => declareLinks(bench));
}
