import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createWriterPool, type WriterPoolOptions } from "../src/writer-pool.ts";
import { createFakeProcesses } from "./support/fake-processes.ts";
import { activePath, directory, namesIn, range, unaccounted, writeRange } from "./support/stream-subject.ts";

const lockFile = `${directory}/.waybill.lock`;

/** Two processes on the files of one machine. */
function openScene(mode: "sync" | "batched" | "durable", poolOptions: WriterPoolOptions = {}) {
  const clock = createFakeClock();
  const files = createFaultyFileSystem({ clock });
  const processes = createFakeProcesses();
  const linesOf = (name: string) =>
    files.outside
      .readText(`${directory}/${name}`)
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { seq: number; context: { n?: number } });
  return {
    ...{ clock, files },
    start(pid: number) {
      const ports = { fileSystem: files, clock, processes: processes.start(pid) };
      const pool = createWriterPool({ descriptorsMax: 16, ...poolOptions }, ports);
      return { pool, writer: pool.open(activePath, { mode }) };
    },
    owner: (): unknown => JSON.parse(files.outside.readText(lockFile)).pid,
    /** The `n` of the entries and the `seq` of all lines, by file. */
    found: () =>
      namesIn(files)
        .filter((name) => name.endsWith(".log"))
        .map((name) => ({
          name: name.replace(/@1-[0-9a-f]+/, "@1"),
          numbers: linesOf(name).flatMap(({ context }) => context.n ?? []),
          isAscending: linesOf(name).every(({ seq }, at, all) => seq > (all[at - 1]?.seq ?? 0)),
        })),
  };
}

describe.each(["sync", "batched", "durable"] as const)(
  "a lock that was removed with its directory, %s",
  (mode) => {
    it("is placed again before the file is, so that the next process stays out of it", async () => {
      const scene = openScene(mode);
      const first = scene.start(1);
      writeRange(first.writer, 1, 3);
      await first.pool.flush();
      scene.files.outside.removeDirectory(directory);
      scene.clock.advance(100);
      writeRange(first.writer, 4, 6);
      await first.pool.flush();
      expect(scene.owner()).toBe(1);
      const second = scene.start(2);
      writeRange(second.writer, 101, 103);
      await second.pool.flush();
      const [own, part] = scene.found();
      expect(own).toMatchObject({ name: "app.log", isAscending: true });
      expect(own?.numbers.slice(-3)).toEqual([4, 5, 6]);
      expect(part?.numbers).toEqual([101, 102, 103]);
      await first.pool.close();
      await second.pool.close();
    });

    it.each([16, 1])(
      "belongs to who came meanwhile, and the first goes on in a part file, with %i descriptors",
      async (descriptorsMax) => {
        const scene = openScene(mode, { descriptorsMax });
        const first = scene.start(1);
        const aside = first.pool.open("/logs/other/app.log", { mode });
        writeRange(first.writer, 1, 3);
        await first.pool.flush();
        writeRange(aside, 1, 1);
        await first.pool.flush();
        scene.files.outside.removeDirectory(directory);
        const second = scene.start(2);
        writeRange(second.writer, 101, 103);
        await second.pool.flush();
        scene.clock.advance(100);
        writeRange(first.writer, 4, 6);
        await first.pool.flush();
        writeRange(second.writer, 104, 106);
        await second.pool.flush();
        writeRange(first.writer, 7, 9);
        await first.pool.flush();
        const [others, own] = scene.found();
        expect(scene.owner()).toBe(2);
        expect(others).toEqual({ name: "app.log", numbers: range(101, 106), isAscending: true });
        expect(own).toMatchObject({ name: "app@1.log", isAscending: true });
        expect(own?.numbers.slice(-6)).toEqual(range(4, 9));
        expect(unaccounted(first.writer)).toBe(0);
        await first.pool.close();
        await second.pool.close();
      },
    );
  },
);
