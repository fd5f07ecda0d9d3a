import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseEntry } from "@waybill/log-tree";
import type { Writer } from "@waybill/protocols";
import { createFakeClock, createFaultyFileSystem, writerConformance } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { openFileWriter } from "../src/open-file-writer.ts";
import { createWriterPool } from "../src/writer-pool.ts";
import { importBuilt } from "./support/built-package.ts";

const modes = ["sync", "batched", "durable"] as const;

function entriesOf(text: string) {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => parseEntry(line))
    .flatMap((entry) => entry ?? []);
}

const built = await importBuilt();

describe.each([
  ...modes.map((mode) => ["the thread that logs", mode, openFileWriter] as const),
  ["a worker", "batched", built.openFileWriter],
  ["a worker", "durable", built.openFileWriter],
] as const)("openFileWriter in a directory, by %s, %s", (_, mode, open) => {
  const directories = new WeakMap<Writer, string>();
  writerConformance(
    { describe, it, expect },
    {
      open() {
        const directory = mkdtempSync(path.join(tmpdir(), "waybill-writers-"));
        const writer = open({ path: path.join(directory, "c1", "app.log"), mode });
        directories.set(writer, directory);
        return writer;
      },
      read(writer) {
        try {
          return entriesOf(readFileSync(path.join(directories.get(writer) ?? "", "c1", "app.log"), "utf8"));
        } catch {
          // Nothing was written, so there is no file.
          return [];
        }
      },
      dispose: (writer) => rmSync(directories.get(writer) ?? "", { recursive: true }),
    },
  );
});

describe.each(modes)("createWriterPool in memory, %s", (mode) => {
  const disks = new WeakMap<Writer, ReturnType<typeof createFaultyFileSystem>>();
  writerConformance(
    { describe, it, expect },
    {
      open() {
        const fileSystem = createFaultyFileSystem();
        const writer = createWriterPool({}, { fileSystem, clock: createFakeClock() }).open("/c1/app.log", {
          mode,
        });
        disks.set(writer, fileSystem);
        return writer;
      },
      read(writer) {
        const disk = disks.get(writer);
        return disk?.lstat("/c1/app.log") === undefined
          ? []
          : entriesOf(disk.outside.readText("/c1/app.log"));
      },
    },
  );
});
