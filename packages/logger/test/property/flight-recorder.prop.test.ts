import { createMemoryWriter } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFlightRecorder } from "../../src/index.ts";
import { sampleEntry } from "../support/sample-entry.ts";

const settings = { seed: 20_260_106, numRuns: 300 };

const containers = ["alpha", "beta", "gamma"].map((containerId) => ({ containerId, componentName: "main" }));
const source = fc.constantFrom(...containers);
const correlationId = fc.constantFrom(undefined, "t_1", "t_2", "t_3", "t_4");

const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("record" as const),
      source,
      correlationId,
      units: fc.integer({ min: 0, max: 300 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), source, correlationId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), source }) },
);

const bounds = fc.record({
  entriesPerContainer: fc.integer({ min: 1, max: 6 }),
  entriesPerCorrelation: fc.integer({ min: 1, max: 6 }),
  bytesPerContainer: fc.constantFrom(400, 1200, 65_536),
  bytesPerCorrelation: fc.constantFrom(400, 1200, 65_536),
  correlationsMax: fc.integer({ min: 1, max: 4 }),
  totalBytes: fc.constantFrom(2000, 5000, 16_777_216),
});
type Bounds = typeof bounds extends fc.Arbitrary<infer B> ? B : never;

interface Kept {
  readonly n: number;
  readonly bytes: number;
  readonly containerId: string;
  readonly correlationId: string | undefined;
}

/** The recorder in the simplest words: lists that are searched. */
class Model {
  readonly #bounds: Bounds;
  readonly containers = new Map<string, Kept[]>();
  /** The id used last stands last. */
  readonly correlations: { readonly id: string; list: Kept[] }[] = [];
  /** Everything that may still be kept, oldest first. */
  all: Kept[] = [];

  constructor(chosen: Bounds) {
    this.#bounds = chosen;
  }

  record(kept: Kept): void {
    const { bytesPerContainer, bytesPerCorrelation, correlationsMax, totalBytes } = this.#bounds;
    this.all.push(kept);
    if (kept.bytes <= bytesPerContainer) {
      const list = [...(this.containers.get(kept.containerId) ?? []), kept];
      this.containers.set(
        kept.containerId,
        within(list, this.#bounds.entriesPerContainer, bytesPerContainer),
      );
    }
    if (kept.correlationId !== undefined && kept.bytes <= bytesPerCorrelation) {
      const at = this.correlations.findIndex(({ id }) => id === kept.correlationId);
      const [ring] =
        at < 0 ? [{ id: kept.correlationId, list: [] as Kept[] }] : this.correlations.splice(at, 1);
      if (ring === undefined) return;
      ring.list = within([...ring.list, kept], this.#bounds.entriesPerCorrelation, bytesPerCorrelation);
      this.correlations.push(ring);
    }
    while (this.correlations.length > correlationsMax) this.correlations.shift();
    this.#sweep();
    while (this.all.reduce((sum, each) => sum + each.bytes + 512, 0) > totalBytes) {
      const [oldest] = this.all;
      if (oldest !== undefined) this.remove([oldest]);
    }
  }

  of(containerId: string, id: string | undefined): Kept[] {
    const own = this.containers.get(containerId) ?? [];
    const shared = this.correlations.find((ring) => ring.id === id)?.list ?? [];
    return [...new Set([...own, ...shared])].sort((a, b) => a.n - b.n);
  }

  remove(gone: readonly Kept[]): void {
    const stays = (each: Kept): boolean => !gone.includes(each);
    for (const [id, list] of this.containers) this.containers.set(id, list.filter(stays));
    for (const ring of this.correlations) ring.list = ring.list.filter(stays);
    this.#sweep();
  }

  #sweep(): void {
    for (let at = this.correlations.length - 1; at >= 0; at--) {
      if (this.correlations[at]?.list.length === 0) this.correlations.splice(at, 1);
    }
    const held = new Set([
      ...[...this.containers.values()].flat(),
      ...this.correlations.flatMap(({ list }) => list),
    ]);
    this.all = this.all.filter((each) => held.has(each));
  }
}

function within(list: readonly Kept[], entriesMax: number, bytesMax: number): Kept[] {
  let from = 0;
  const bytesFrom = (at: number): number => list.slice(at).reduce((sum, { bytes }) => sum + bytes, 0);
  while (list.length - from > entriesMax || bytesFrom(from) > bytesMax) from++;
  return list.slice(from);
}

describe("a recorder", () => {
  it("keeps and writes what lists would that are searched", () => {
    const property = fc.property(fc.array(action, { maxLength: 60 }), bounds, (actions, chosen) => {
      const recorder = createFlightRecorder(chosen);
      const model = new Model(chosen);
      const writers = new Map(containers.map((each) => [each.containerId, createMemoryWriter()]));
      const order: number[] = [];
      const targets = new Map(
        [...writers].map(([id, writer]) => [
          id,
          {
            write: (entry: Parameters<typeof writer.write>[0]) => {
              order.push(Number(entry.context?.["n"]));
              return writer.write(entry);
            },
          },
        ]),
      );
      const writtenByModel: number[] = [];
      const found: unknown[] = [];
      const wanted: unknown[] = [];
      let n = 0;
      for (const each of actions) {
        const { containerId } = each.source;
        const to = targets.get(containerId);
        if (to === undefined) continue;
        if (each.kind === "record") {
          n++;
          const message = "m".repeat(each.units);
          const before = recorder.status();
          const { correlationId: id } = each;
          recorder.record(
            sampleEntry({ level: "DEBUG", message, source: each.source, correlationId: id, context: { n } }),
            to,
          );
          const text = {
            container_id: containerId,
            component_name: "main",
            event_scope: "component_internal",
          };
          const ids = id === undefined ? {} : { correlation_id: id };
          const head = { timestamp: "1970-01-01T00:00:01.000Z", level: "DEBUG", message, ...text, ...ids };
          const bytes = JSON.stringify({ ...head, seq: 1, context: { n } }).length + 1;
          const isKept = recorder.status().recorded > before.recorded;
          const fits =
            bytes <= chosen.bytesPerContainer || (id !== undefined && bytes <= chosen.bytesPerCorrelation);
          found.push(isKept);
          wanted.push(fits);
          if (fits) model.record({ n, bytes, containerId, correlationId: id });
        } else if (each.kind === "release") {
          const due = model.of(containerId, each.correlationId);
          writtenByModel.push(...due.map((kept) => kept.n));
          model.remove(due);
          found.push(recorder.release(each));
          wanted.push(due.length);
        } else {
          model.remove(model.all.filter((kept) => kept.containerId === containerId));
          recorder.forget(containerId, to);
        }
        const { entries, bytes, correlations, recorded, written, refused, forgotten } = recorder.status();
        expect(recorded).toBe(written + refused + forgotten + entries);
        expect([entries, correlations]).toEqual([model.all.length, model.correlations.length]);
        expect(bytes).toBe(model.all.reduce((sum, kept) => sum + kept.bytes + 512, 0));
      }
      expect(found).toEqual(wanted);
      expect(order).toEqual(writtenByModel);
      for (const [id, writer] of writers) {
        expect(writer.entries.every((entry) => entry.source.containerId === id)).toBe(true);
      }
    });
    fc.assert(property, settings);
  });
});
