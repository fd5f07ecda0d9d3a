import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem } from "@waybill/protocols";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFaultyFileSystem } from "../faulty-file-system/faulty-file-system.ts";
import { fileSystemConformance } from "./file-system-conformance.ts";

describe("file system of this machine", () => {
  let root = "";
  beforeAll(() => {
    root = fs.mkdtempSync(join(tmpdir(), "waybill-testing-"));
  });
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

  fileSystemConformance(
    { describe, it, expect },
    {
      create: () => nodeFileSystem,
      root: () => root,
      symlink: (_, target, path) => fs.symlinkSync(target, path),
    },
  );
});

describe("faulty file system without faults", () => {
  const fileSystem = createFaultyFileSystem();
  fileSystem.outside.makeDirectory("/tests");

  fileSystemConformance(
    { describe, it, expect },
    {
      create: () => fileSystem,
      root: "/tests",
      symlink: (_, target, path) => fileSystem.outside.symlink(target, path),
    },
  );
});
