import { constants } from "node:fs";
import { describe, expect, it } from "vitest";
import { type FaultPoint, forEachFaultPoint } from "./fault-points.ts";
import type { FaultyFileSystem } from "./faulty-file-system.ts";

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
const bytes = Buffer.from("0123456789");

/** Writes a file beside the real name, then renames: never a half file under the name. */
function replaceSafely(files: FaultyFileSystem): void {
  const fd = files.open("/part", flags, 0o640);
  files.write(fd, bytes, 0, bytes.length);
  files.sync(fd);
  files.close(fd);
  files.rename("/part", "/whole");
  files.syncDirectory("/");
}

function replaceCarelessly(files: FaultyFileSystem): void {
  const fd = files.open("/whole", flags, 0o640);
  files.write(fd, bytes, 0, bytes.length);
  files.close(fd);
}

function checkWhole(files: FaultyFileSystem): void {
  for (const { kind, fileSystem } of [{ kind: "none", fileSystem: files }, ...files.powerLossStates()]) {
    const size = fileSystem.lstat("/whole")?.size ?? bytes.length;
    if (size !== bytes.length) throw new Error(`half a file after ${kind}`);
    if (fileSystem.lstat("/whole") !== undefined && !fileSystem.outside.readText("/whole").startsWith("0")) {
      throw new Error(`blank file after ${kind}`);
    }
  }
}

describe("fault points", () => {
  it("hits every operation in every mode, and tears writes only", async () => {
    const points: FaultPoint[] = [];
    const report = await forEachFaultPoint(replaceSafely, {
      verify(files, point) {
        points.push(point);
        checkWhole(files);
      },
    });
    expect(report).toEqual({ operations: 6, runs: 19 });
    expect(points.filter(({ mode }) => mode === "torn").map(({ operation }) => operation)).toEqual([2]);
    expect(points[0]?.mode).toBe("none");
  });

  it("finds an algorithm that leaves half files, and says where", async () => {
    const loop = forEachFaultPoint(replaceCarelessly, { verify: checkWhole, seed: 9 });
    await expect(loop).rejects.toThrow(/fault point failed at operation \d.*mode .*seed 9: .*(half|blank)/);
  });

  it("passes on an error that no fault explains, also a wrapped fault's neighbour", async () => {
    const loop = forEachFaultPoint(
      (files) => {
        try {
          files.mkdir("/d", 0o750);
        } catch (cause) {
          if (files.crashed) throw new Error("wrapped", { cause });
          throw new TypeError("a bug in error handling");
        }
      },
      { verify: () => undefined, modes: ["crash", "once"] },
    );
    await expect(loop).rejects.toThrow("mode once, seed 1: TypeError: a bug in error handling");
  });

  it("ends a workload that retries for ever", async () => {
    const loop = forEachFaultPoint(
      (files) => {
        for (;;) {
          try {
            return files.mkdir("/d", 0o750);
          } catch (error) {
            if (files.crashed) throw error;
          }
        }
      },
      { verify: () => undefined, modes: ["stuck"], operationsMax: 50 },
    );
    await expect(loop).rejects.toThrow("more than 50 operations");
  });

  it("draws as many points as allowed, the same for the same seed", async () => {
    async function pointsOf(seed: number): Promise<string[]> {
      const points: string[] = [];
      await forEachFaultPoint(replaceSafely, {
        verify: (_, { operation, mode }) => void points.push(`${operation} ${mode}`),
        runsMax: 5,
        seed,
      });
      return points;
    }
    expect((await pointsOf(1)).length).toBe(6);
    expect(await pointsOf(1)).toEqual(await pointsOf(1));
    expect(await pointsOf(2)).not.toEqual(await pointsOf(1));
  });
});
