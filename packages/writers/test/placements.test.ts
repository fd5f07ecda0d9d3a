import type { EntryInput } from "@waybill/protocols";
import { afterEach, describe, expect, it } from "vitest";
import type { WriterFailure } from "../src/failure.ts";
import { closePlaced, type PlacedStream, placements } from "./support/placements.ts";
import {
  codeOfRejection,
  entryOf,
  gapsOf,
  isGap,
  numbersOf,
  range,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

afterEach(closePlaced);

describe("a placement", () => {
  it.each(placements)("is what it says: $name", async ({ name, open }) => {
    const { writer } = open({ batchEntriesMax: 1 });
    writer.write(entryOf(1));
    // A worker takes tens of milliseconds to start.
    expect(writer.status().written).toBe(name.includes("worker") ? 0 : 1);
    await writer.flush();
  });
});

/** What must hold at every moment. */
function expectAccount({ writer }: PlacedStream): void {
  expect([unaccounted(writer), writer.status().queued >= 0]).toEqual([0, true]);
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
}

describe.each(placements)("a stream $name", (placement) => {
  it.each(["ERROR", "CRITICAL"] as const)(
    "has %s in the file before write returns, and what waits before it",
    (level) => {
      const { writer, numbers } = placement.open();
      writeRange(writer, 1, 2);
      writer.write(entryOf(3, level));
      expect(numbers()).toEqual([1, 2, 3]);
    },
  );

  it("is written by itself within the flush interval", async () => {
    const { writer, numbers, eventually } = placement.open({ flushIntervalMs: 20 });
    writeRange(writer, 1, 3);
    await eventually(() => writer.status().queued === 0);
    expect(numbers()).toEqual([1, 2, 3]);
  });

  it("is written while one turn of the event loop logs more than goes with one batch", async () => {
    const stream = placement.open();
    for (const n of range(1, 3000)) {
      stream.writer.write(entryOf(n, "INFO", { text: "x".repeat(200) }));
      expectAccount(stream);
    }
    await stream.writer.flush();
    expect(stream.numbers()).toEqual(range(1, 3000));
    expect(stream.seqs()).toEqual(range(1, 3000));
  });

  it("is sealed in segments within their limit, and tells each of them once", async () => {
    const sealed: string[] = [];
    const onSealed = (path: string) => void sealed.push(path);
    const stream = placement.open({ segmentBytesMax: 1024 }, { onSealed });
    writeRange(stream.writer, 1, 40);
    await stream.writer.flush();
    const names = stream.segmentNames();
    await stream.eventually(() => sealed.length >= names.length - 1);
    expect(stream.numbers()).toEqual(range(1, 40));
    expect(sealed).toEqual(names.slice(0, -1).map((name) => `${stream.directory}/${name}`));
    const sizes = names.map((name) => stream.files.outside.readFile(`${stream.directory}/${name}`).length);
    expect(sizes.filter((size) => size > 1024)).toEqual([]);
  });
});

describe.each(placements)("a stream that cannot be written, $name", (placement) => {
  it("makes flush reject until it can, and tells both once", async () => {
    const failures: WriterFailure[] = [];
    const recovered: string[] = [];
    const { writer, numbers, ...stream } = placement.open(
      {},
      {
        onFailure: (failure) => void failures.push(failure),
        onRecovered: (path) => void recovered.push(path),
      },
    );
    stream.obstruct();
    writeRange(writer, 1, 3);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    expect(writer.flushSync()).toBe(false);
    await stream.eventually(() => failures.length > 0);
    expect(writer.status()).toMatchObject({
      state: "degraded",
      queued: 3,
      lastFailure: { code: failures[0]?.code },
    });
    stream.clear();
    await stream.eventually(() => recovered.length > 0);
    await writer.flush();
    expect(writer.status()).toMatchObject({ state: "open", written: 3, queued: 0, dropped: 0 });
    expect(numbers()).toEqual([1, 2, 3]);
    expect(failures.map(({ path }) => path)).toEqual([stream.activePath]);
    expect(recovered).toEqual([stream.activePath]);
  });

  it("is tried again at once by a flush", async () => {
    const { writer, numbers, ...stream } = placement.open();
    stream.obstruct();
    writeRange(writer, 1, 3);
    for (const _ of range(1, 8)) await codeOfRejection(writer.flush());
    stream.clear();
    await writer.flush();
    expect(numbers()).toEqual([1, 2, 3]);
  });

  it("has nothing in the file that write has refused", async () => {
    const stream = placement.open({ queueBytesMax: 4096 });
    stream.obstruct();
    range(1, 40).forEach((n) => void stream.writer.write(entryOf(n, "ERROR")));
    const refused = range(41, 3000).filter((n) => !stream.writer.write(entryOf(n, "TRACE")));
    await codeOfRejection(stream.writer.flush());
    stream.clear();
    await stream.writer.flush();
    const found = stream.numbers();
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.filter((n) => found.includes(n))).toEqual([]);
  });

  const moments = [
    ["from the beginning", () => undefined],
    [
      "in the midst of its work",
      async ({ writer }: PlacedStream) => {
        writer.write(entryOf(0));
        await writer.flush();
      },
    ],
  ] as const;

  describe.each(moments)("%s", (_, begin) => {
    /** Of what was logged before, others have taken the file away. */
    const logged = (entries: ReturnType<PlacedStream["entries"]>) =>
      numbersOf(entries).filter((n) => n !== 0);

    async function obstructed(...options: Parameters<typeof placement.open>) {
      const stream = placement.open(...options);
      await begin(stream);
      stream.files.outside.removeDirectory(stream.directory);
      stream.obstruct();
      stream.pool.reopen();
      stream.writer.write(entryOf(1, "ERROR"));
      expect(await codeOfRejection(stream.writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
      return stream;
    }

    it.each(["drop_lowest_level", "drop_oldest"] as const)(
      "drops beyond its queue by its policy, and tells so at their place with the right counts: %s",
      async (overflow) => {
        const stream = await obstructed({ queueBytesMax: 4096, overflow });
        const levels = ["DEBUG", "INFO", "WARNING"] as const;
        for (const n of range(2, 3000)) {
          stream.writer.write(entryOf(n, levels[n % 3]));
          expectAccount(stream);
        }
        await codeOfRejection(stream.writer.flush());
        stream.clear();
        await stream.writer.flush();
        const { accepted, written, dropped } = stream.writer.status();
        const entries = stream.entries();
        const told = gapsOf(entries).reduce((sum, gap) => sum + Number(gap["dropped"]), 0);
        expect({ told, all: written + dropped }).toEqual({ told: dropped, all: accepted });
        expect(logged(entries)).toHaveLength(3000 - dropped);
        expect(dropped).toBeGreaterThan(2000);
        expect(isRising(entries.map(({ seq }) => seq))).toBe(true);
        expect(logged(entries).includes(1)).toBe(overflow === "drop_lowest_level");
      },
    );

    it("stays within its queue however long it lasts", async () => {
      const { writer } = await obstructed({ queueBytesMax: 65_536 });
      const text = "x".repeat(800);
      const most: number[] = [];
      for (const round of range(1, 30)) {
        for (const n of range(1, 50)) writer.write(entryOf(50 * round + n, "WARNING", { text }));
        most.push(writer.status().queued);
        await codeOfRejection(writer.flush());
      }
      // An entry is a kilobyte; there may be a queue in each thread, and a round between them.
      expect(Math.max(...most)).toBeLessThan(2 * 66 + 50);
    });

    it("counts what waits at close as dropped, and rejects", async () => {
      const { writer, pool } = await obstructed();
      writeRange(writer, 2, 3);
      expect(await codeOfRejection(writer.close())).toBe("WAYBILL_FLUSH_FAILED");
      expect(writer.status()).toMatchObject({ state: "closed", queued: 0 });
      expect(unaccounted(writer)).toBe(0);
      const { accepted, written, queued, dropped } = pool.status();
      expect({ lost: accepted - written, queued, dropped }).toEqual({ lost: 3, queued: 0, dropped: 3 });
    });

    it("isolates callbacks that throw, and goes on", async () => {
      const fail = () => {
        throw new Error("of the application");
      };
      const callbacks = { onFailure: fail, onRecovered: fail, onSealed: fail };
      const stream = await obstructed({ segmentBytesMax: 1024 }, callbacks);
      writeRange(stream.writer, 2, 20, "ERROR");
      stream.clear();
      await stream.writer.flush();
      expect(logged(stream.entries())).toEqual(range(1, 20));
    });

    it("lets a callback log to the very stream that it is told about", async () => {
      let n = 1000;
      const told: string[] = [];
      const log = (what: string) => {
        told.push(what);
        if (n < 1050) stream?.writer.write(entryOf(n++, "ERROR"));
      };
      const callbacks = {
        onFailure: () => log("failure"),
        onRecovered: () => log("recovered"),
        onSealed: () => log("sealed"),
      };
      let stream: PlacedStream | undefined;
      stream = await obstructed({ segmentBytesMax: 2048 }, callbacks);
      const { writer } = stream;
      stream.clear();
      writeRange(writer, 2, 60);
      await writer.flush();
      await stream.eventually(() => ["recovered", "sealed"].every((what) => told.includes(what)));
      await writer.flush();
      const found = numbersOf(stream.entries());
      expect(new Set(found).size).toBe(found.length);
      expect(writer.status()).toMatchObject({ queued: 0, dropped: 0 });
      expect(found.filter((each) => each !== 0)).toHaveLength(60 + n - 1000);
    });
  });
});

describe.each(placements)("entries whose context logs, $name", (placement) => {
  const reentrant = (n: number, work: () => void) => ({
    ...entryOf(n),
    context: {
      n,
      get inner() {
        work();
        return 1;
      },
    },
  });

  it("puts what a getter logs behind the entry, as it was then", () => {
    const { writer, entries } = placement.open();
    const inner = entryOf(2);
    const context = { n: 2 };
    writer.write(
      reentrant(1, () => {
        writer.write({ ...inner, context });
        context.n = 99;
        expect(unaccounted(writer)).toBe(0);
      }),
    );
    writer.write(entryOf(3));
    writer.flushSync();
    expect(numbersOf(entries())).toEqual([1, 2, 3]);
    expect(entries().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("counts and tells what a getter that logs itself loses", () => {
    const { writer, entries } = placement.open();
    const endless: EntryInput = reentrant(1, () => writer.write(endless));
    writer.write(endless);
    writer.flushSync();
    expect(writer.status()).toMatchObject({ accepted: 3, written: 2, dropped: 1 });
    expect(gapsOf(entries())).toMatchObject([{ dropped: 1, by_level: { INFO: 1 }, reason: "reentrant" }]);
  });

  it("writes whole lines only when a getter flushes", () => {
    const { writer, numbers } = placement.open();
    writeRange(writer, 1, 2);
    writer.write(
      reentrant(3, () => {
        expect(writer.flushSync()).toBe(true);
        expect(numbers()).toEqual([1, 2]);
        writer.flushSync();
        expect(unaccounted(writer)).toBe(0);
      }),
    );
    writeRange(writer, 4, 4);
    writer.flushSync();
    expect(numbers()).toEqual([1, 2, 3, 4]);
    expect(writer.status()).toMatchObject({ accepted: 4, written: 4, queued: 0 });
  });

  it("drops and counts an entry that closes its own writer", async () => {
    const { writer, numbers } = placement.open();
    const closings: Promise<unknown>[] = [];
    writeRange(writer, 1, 1);
    const isTaken = writer.write(reentrant(2, () => void closings.push(codeOfRejection(writer.close()))));
    await Promise.all(closings);
    const { state, accepted, written, queued, dropped } = writer.status();
    expect({ state, accepted, queued }).toEqual({ state: "closed", accepted: 2, queued: 0 });
    expect([written, dropped]).toEqual(isTaken ? [2, 0] : [1, 1]);
    expect(numbers()).toEqual(range(1, written));
  });
});

describe.each(placements)("numbers, $name", (placement) => {
  async function restarted(prepare: (stream: PlacedStream) => void = () => undefined, options = {}) {
    const first = placement.open(options);
    writeRange(first.writer, 1, 3);
    await first.pool.close();
    prepare(first);
    return first.openAgain();
  }

  it("go on over a restart", async () => {
    const { writer, seqs } = await restarted();
    writer.write(entryOf(4, "ERROR"));
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  it("go on when the active segment was sealed last", async () => {
    const { writer, seqs } = await restarted(({ files, activePath, directory }) =>
      files.outside.rename(activePath, `${directory}/app.20260101T000000000Z-000007.log`),
    );
    writer.write(entryOf(4, "ERROR"));
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  const moveAway = (stream: PlacedStream) => {
    stream.files.outside.rename(stream.directory, `${stream.directory}-aside`);
    stream.obstruct();
  };
  const moveBack = (stream: PlacedStream) => {
    stream.clear();
    stream.files.outside.rename(`${stream.directory}-aside`, stream.directory);
  };

  it("are those that entries would have had, for entries logged before the first open succeeded", async () => {
    const stream = await restarted(moveAway);
    writeRange(stream.writer, 4, 6);
    expect(await codeOfRejection(stream.writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    expect(stream.writer.status()).toMatchObject({ state: "degraded", queued: 3 });
    moveBack(stream);
    await stream.writer.flush();
    expect(stream.seqs()).toEqual(range(1, 6));
    expect(stream.numbers()).toEqual(range(1, 6));
  });

  it("are corrected in gap records too", async () => {
    const stream = await restarted(moveAway, { queueBytesMax: 4096 });
    stream.writer.write(entryOf(4));
    await codeOfRejection(stream.writer.flush());
    writeRange(stream.writer, 5, 1200);
    moveBack(stream);
    await stream.writer.flush();
    const entries = stream.entries();
    expect(gapsOf(entries)[0]?.["from_seq"]).toBe(4);
    expect(isRising(entries.map(({ seq }) => seq))).toBe(true);
    expect(entries.at(-1)).toMatchObject({ seq: 1200, context: { n: 1200 } });
  });

  it("tell of a torn tail before entries that waited for the open", async () => {
    const stream = await restarted((first) => {
      const whole = Buffer.from(first.files.outside.readFile(first.activePath)).toString();
      first.files.outside.writeFile(first.activePath, `${whole}{"half`);
      moveAway(first);
    });
    writeRange(stream.writer, 5, 6);
    await codeOfRejection(stream.writer.flush());
    moveBack(stream);
    await stream.writer.flush();
    const entries = stream.entries();
    expect(entries.map(({ seq }) => seq)).toEqual(range(1, 6));
    expect(entries.map(isGap)).toEqual([false, false, false, true, false, false]);
  });
});
