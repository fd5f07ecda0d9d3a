import { createFaultyFileSystem } from "@waybill/testing";
import type { PoolStream } from "@waybill/writers";
import { describe, expect, it } from "vitest";
import { createGrownFiles } from "./grown-files.ts";

const active = "/c/main.log";
const sealedName = (number: number): string =>
  `/c/main.20260101T000000000Z-${String(number).padStart(6, "0")}.log`;

/** One stream; `told` is what the writer has told of it. */
function subject() {
  const files = createFaultyFileSystem();
  files.mkdir("/c", 0o750);
  files.outside.writeFile(active, "first\n");
  const told = { bytesWritten: 6, queued: 0, sealed: 0 };
  const noted: string[] = [];
  const streams = (): PoolStream[] => [
    {
      path: active,
      activeBytes: 0,
      sealed: told.sealed,
      lastWriteMs: undefined,
      status: {
        state: "open",
        accepted: 0,
        written: 0,
        queued: told.queued,
        dropped: 0,
        bytesWritten: told.bytesWritten,
        lastFailure: undefined,
      },
    },
  ];
  const ledger = { note: (file: string) => void noted.push(file) };
  const grown = createGrownFiles({ ledger, pool: { streams }, fileSystem: files });
  const look = async (): Promise<string[]> => {
    noted.length = 0;
    await grown.look();
    return [...noted];
  };
  return { files, told, look };
}

describe("what open streams have grown", () => {
  it("is looked at once, and again when more was written or waits", async () => {
    const { told, look } = subject();
    expect(await look()).toEqual([active]);
    expect(await look()).toEqual([]);
    told.bytesWritten += 1;
    expect(await look()).toEqual([active]);
    told.queued = 1;
    expect(await look()).toEqual([active]);
  });

  it("includes segments that were sealed, though nobody has told of them yet", async () => {
    const { files, told, look } = subject();
    await look();
    files.rename(active, sealedName(1));
    files.outside.writeFile(active, "second\n");
    told.queued = 1;
    expect(await look()).toEqual([active, sealedName(1)]);
    expect(await look()).toEqual([active]);
  });

  it("includes them when the active file is missing at both looks, as in the midst of a seal", async () => {
    const { files, told, look } = subject();
    told.queued = 1;
    files.rename(active, sealedName(1));
    expect(await look()).toEqual([active, sealedName(1)]);
    files.outside.writeFile(sealedName(2), "second\n");
    expect(await look()).toEqual([active, sealedName(2)]);
  });

  it("includes them when the active file has the inode of an earlier one, if one seal was told", async () => {
    const { files, told, look } = subject();
    await look();
    files.outside.writeFile(sealedName(1), "first\n");
    files.outside.writeFile(sealedName(2), "second\n");
    told.sealed = 1;
    told.bytesWritten += 1;
    expect(await look()).toEqual([active, sealedName(1), sealedName(2)]);
  });
});
