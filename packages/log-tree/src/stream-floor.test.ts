import { createFaultyFileSystem, forEachFaultPoint } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { raiseStreamFloor, readStreamFloor } from "./stream-floor.ts";

const file = "/tree/.waybill/floors/app";

function prepared() {
  const files = createFaultyFileSystem();
  files.outside.makeDirectory("/tree/.waybill/floors");
  return files;
}

describe("the floor of a stream", () => {
  it("is none where nothing was taken away, and where the file holds no floor", () => {
    const files = prepared();
    expect(readStreamFloor(file, files)).toBeUndefined();
    for (const text of ["", "{", "null", "[]", '{"seq":1}', '{"seq":-1,"segment_number":1}']) {
      files.outside.writeFile(file, text);
      expect(readStreamFloor(file, files)).toBeUndefined();
    }
  });

  it("only rises", () => {
    const files = prepared();
    raiseStreamFloor(file, { seq: 40, segmentNumber: 3 }, files);
    raiseStreamFloor(file, { seq: 20, segmentNumber: 5 }, files);
    expect(readStreamFloor(file, files)).toEqual({ seq: 40, segmentNumber: 5 });
    expect(files.readdir("/tree/.waybill/floors")).toHaveLength(1);
  });

  it("is the old or the new one after any failure, and the new one after power loss once it was raised", async () => {
    const { runs } = await forEachFaultPoint(
      (files) => {
        raiseStreamFloor(file, { seq: 40, segmentNumber: 3 }, files);
        for (const { fileSystem } of files.powerLossStates()) {
          expect(readStreamFloor(file, fileSystem)).toEqual({ seq: 40, segmentNumber: 3 });
        }
      },
      {
        create: () => {
          const files = prepared();
          raiseStreamFloor(file, { seq: 10, segmentNumber: 1 }, files);
          return files;
        },
        verify: (files) => {
          const states = [files, ...files.powerLossStates().map(({ fileSystem }) => fileSystem)];
          for (const state of states) expect([10, 40]).toContain(readStreamFloor(file, state)?.seq);
        },
      },
    );
    expect(runs).toBeGreaterThan(20);
  });
});
