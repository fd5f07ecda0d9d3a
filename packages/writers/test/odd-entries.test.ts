import type { EntryInput } from "@waybill/protocols";
import { afterEach, describe, expect, it } from "vitest";
import { closePlaced, type PlacedStream, placements } from "./support/placements.ts";
import { entryOf, gapsOf, isGap, unaccounted } from "./support/stream-subject.ts";

afterEach(closePlaced);

function fail(): never {
  throw new Error("hostile");
}

function revoked(): EntryInput {
  const { proxy, revoke } = Proxy.revocable(entryOf(1), {});
  revoke();
  return proxy;
}

function withGetter(key: keyof EntryInput): EntryInput {
  return Object.defineProperty({ ...entryOf(1) }, key, { get: fail, enumerable: true });
}

/** Readable once: the encoder has it, and whoever asks again is thrown at. */
function readOnce(key: keyof EntryInput, value: unknown): EntryInput {
  let reads = 0;
  const get = (): unknown => (reads++ === 0 ? value : fail());
  return Object.defineProperty({ ...entryOf(1) }, key, { get, enumerable: true });
}

/** What no type allows and JavaScript does. */
const oddEntries: readonly (readonly [name: string, create: () => unknown])[] = [
  ["null", () => null],
  ["undefined", () => undefined],
  ["a number", () => 7],
  ["a revoked proxy", revoked],
  ["a source that throws", () => withGetter("source")],
  ["a level that throws", () => withGetter("level")],
  ["a message that throws", () => withGetter("message")],
  ["a level that can be read once", () => readOnce("level", "INFO")],
  ["a level that cannot be made a string", () => ({ ...entryOf(1), level: { toString: fail } })],
  ["no source", () => ({ ...entryOf(1), source: null })],
  [
    "a symbol for a container",
    () => ({ ...entryOf(1), source: { containerId: Symbol("c"), componentName: "a" } }),
  ],
];

class Named {
  readonly containerId = "c1";
  readonly componentName = "app";
  readonly describe = (): string => this.containerId;
}

/** Sources that can be read and not posted to another thread. */
const oddSources: readonly (readonly [name: string, create: () => EntryInput["source"]])[] = [
  ["an instance of a class with a function", () => new Named()],
  ["a proxy", () => new Proxy({ containerId: "c1", componentName: "app" }, {})],
  ["an object with a symbol in it", () => ({ ...new Named(), more: Symbol("more") })],
];

/** Numbers that are neither in the file nor told by a gap record. */
function holesIn(stream: PlacedStream): number[] {
  const entries = stream.entries();
  const told = gapsOf(entries).map(({ from_seq, to_seq }) => [Number(from_seq), Number(to_seq)] as const);
  const present = new Set(entries.map(({ seq }) => seq));
  const last = Math.max(...present);
  return Array.from({ length: last }, (_, index) => index + 1).filter(
    (seq) => !present.has(seq) && !told.some(([from, to]) => from <= seq && seq <= to),
  );
}

function accountOf(stream: PlacedStream) {
  const { accepted, written, queued, dropped } = stream.writer.status();
  const entries = stream.entries();
  const seqs = entries.map(({ seq }) => seq);
  return {
    unaccounted: unaccounted(stream.writer),
    ...{ accepted, queued },
    isWritten: written === entries.filter((entry) => !isGap(entry)).length,
    isTold: dropped === gapsOf(entries).reduce((sum, gap) => sum + Number(gap["dropped"]), 0),
    isAscending: seqs.every((seq, index) => seq > (seqs[index - 1] ?? 0)),
    holes: holesIn(stream),
  };
}

describe.each(placements)("a stream, $name", ({ open }) => {
  it.each(oddEntries)(
    "counts %s as accepted and what it cannot encode as dropped, and throws nothing",
    async (_, create) => {
      const stream = open();
      const { pool, writer } = stream;
      writer.write(entryOf(1));
      for (let round = 0; round < 3; round++)
        expect(() => writer.write(create() as EntryInput)).not.toThrow();
      expect(unaccounted(writer)).toBe(0);
      writer.write(entryOf(2));
      await pool.flush();
      expect(accountOf(stream)).toEqual({
        ...{
          unaccounted: 0,
          accepted: 5,
          queued: 0,
          isWritten: true,
          isTold: true,
          isAscending: true,
          holes: [],
        },
      });
      expect(stream.numbers().at(-1)).toBe(2);
    },
  );

  it("throws nothing though it sees nothing but odd entries", async () => {
    const { pool, writer } = open();
    for (const [, create] of oddEntries) expect(() => writer.write(create() as EntryInput)).not.toThrow();
    await pool.flush();
    expect(writer.status()).toMatchObject({ accepted: oddEntries.length, queued: 0 });
    expect(unaccounted(writer)).toBe(0);
  });

  it.each(oddSources)("takes %s for a source", async (_, create) => {
    const stream = open();
    for (const n of [1, 2, 3]) expect(stream.writer.write({ ...entryOf(n), source: create() })).toBe(true);
    await stream.pool.flush();
    expect(stream.numbers()).toEqual([1, 2, 3]);
    expect(stream.entries().map(({ containerId }) => containerId)).toEqual(["c1", "c1", "c1"]);
  });

  it("goes on after an entry that was revoked once it was logged", async () => {
    const stream = open();
    const { proxy, revoke } = Proxy.revocable(entryOf(1), {});
    stream.writer.write(proxy);
    revoke();
    for (const n of [2, 3]) expect(stream.writer.write(entryOf(n))).toBe(true);
    await stream.pool.flush();
    expect(stream.numbers()).toEqual([1, 2, 3]);
  });

  it("accounts for every entry that is logged at the end of the stack", { timeout: 60_000 }, async () => {
    const stream = open({ flushIntervalMs: 1000 });
    const { pool, writer } = stream;
    let n = 0;
    const descend = (level: "INFO" | "ERROR"): void => {
      writer.write(entryOf(++n, level));
      descend(level);
    };
    for (let round = 0; round < 4; round++) {
      expect(() => descend(round % 4 === 3 ? "ERROR" : "INFO")).toThrow(RangeError);
      expect(unaccounted(writer)).toBe(0);
      writer.write(entryOf(++n));
    }
    await pool.flush();
    expect(accountOf(stream)).toEqual({
      ...{ unaccounted: 0, accepted: expect.any(Number), queued: 0 },
      ...{ isWritten: true, isTold: true, isAscending: true, holes: [] },
    });
    expect(new Set(stream.numbers()).size).toBe(stream.numbers().length);
    expect(stream.numbers().at(-1)).toBe(n);
  });
});
