import type { StreamAddress } from "@waybill/log-tree";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Hold, readDeletions, resolveRetentionPolicy } from "../../src/index.ts";
import { type Round, SimulatedYears, type TrueSegment } from "../support/simulated-years.ts";
import { root } from "../support/trees.ts";

const dayMs = 86_400_000;
const seed = 20_261_123;

const addresses: readonly StreamAddress[] = [
  { kind: "container", container: "a", component: "main" },
  { kind: "container", container: "a", component: "risk" },
  { kind: "container", container: "b", component: "main" },
  { kind: "flow", coordinator: "main", tier: "fast" },
  { kind: "flow", coordinator: "main", tier: "reliable" },
  { kind: "system", component: "coordinator" },
];

type Step =
  | { readonly do: "write"; readonly at: number; readonly count: number; readonly id: number }
  | { readonly do: "wait"; readonly days: number }
  | { readonly do: "clock"; readonly days: number }
  | {
      readonly do: "hold";
      readonly by: "container" | "id" | "range";
      readonly of: number;
      readonly days: number;
    }
  | { readonly do: "release" }
  | { readonly do: "unregister"; readonly container: "a" | "b" }
  | { readonly do: "kill"; readonly at: number };

const whole = (max: number) => fc.integer({ min: 0, max });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      at: whole(addresses.length - 1),
      count: fc.integer({ min: 1, max: 3 }),
      id: whole(4),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), days: whole(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("clock" as const), days: fc.integer({ min: -60, max: -1 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("hold" as const),
      by: fc.constantFrom("container", "id", "range"),
      of: whole(4),
      days: whole(40),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "release" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("unregister" as const), container: fc.constantFrom("a", "b") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("kill" as const), at: fc.integer({ min: 1, max: 120 }) }),
  },
);

const histories = fc.array(step, { minLength: 80, maxLength: 160 });

const limits = fc.record({
  maxTotalBytes: fc.integer({ min: 60_000, max: 160_000 }),
  maxContainerBytes: fc.option(fc.integer({ min: 30_000, max: 90_000 }), { nil: undefined }),
  deleteAfterDays: fc.integer({ min: 10, max: 60 }),
  archiveAfterDays: fc.integer({ min: 1, max: 10 }),
  evictToPercent: fc.integer({ min: 70, max: 100 }),
  onUnregister: fc.constantFrom("keep", "archive", "delete"),
});
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;

/** Written once more, from the README instead of the code. */
function trueLimitMs({ address }: TrueSegment, { deleteAfterDays }: Limits): number {
  if (address.kind === "system") return 30 * dayMs;
  if (address.kind !== "flow") return deleteAfterDays * dayMs;
  return (address.tier === "fast" ? Math.min(7, deleteAfterDays) : 3 * deleteAfterDays) * dayMs;
}

function isTrulyHeld(segment: TrueSegment, holds: readonly Hold[], nowMs: number): boolean {
  return holds.some((hold) => {
    if (hold.expiresMs !== undefined && hold.expiresMs <= nowMs) return false;
    const { address, entries } = segment;
    if (
      hold.container !== undefined &&
      (address.kind !== "container" || address.container !== hold.container)
    )
      return false;
    return entries.some(
      ({ timeMs, correlationId }) =>
        (hold.correlationId === undefined || hold.correlationId === correlationId) &&
        timeMs >= (hold.fromMs ?? timeMs) &&
        timeMs <= (hold.toMs ?? timeMs),
    );
  });
}

const newestMs = ({ entries }: TrueSegment): number => Math.max(...entries.map(({ timeMs }) => timeMs));

/** Everything wrong with one round; empty when all is well. */
function faultsOf(years: SimulatedYears, round: Round, policy: Limits, wasSetBack: boolean): string[] {
  const faults: string[] = [];
  const truth = (key: string): TrueSegment => {
    const segment = years.sealed.get(key);
    if (segment === undefined) throw new Error(`nobody sealed ${key}`);
    return segment;
  };
  const planned = new Map(
    round.plan.steps
      .filter(({ action }) => action === "delete")
      .map((step) => [`${step.segment.stream} ${step.segment.name.seal?.number}`, step]),
  );
  const gone = [...round.before.keys()].filter((key) => !round.after.has(key));
  const isFree = (key: string): boolean => !isTrulyHeld(truth(key), round.holds, round.nowMs);
  for (const key of gone) {
    const segment = truth(key);
    const cause = planned.get(key)?.cause;
    if (cause === undefined) faults.push(`${key} is gone without a step`);
    if (!isFree(key)) faults.push(`${key} was held`);
    const isExpired = round.nowMs - newestMs(segment) > trueLimitMs(segment, policy);
    if (cause === "age" && !isExpired) faults.push(`${key} was not expired`);
    const { address } = segment;
    const isOrphan = address.kind === "container" && !round.registered.has(address.container);
    if (cause === "unregistered" && !(isOrphan && policy.onUnregister === "delete"))
      faults.push(`${key} is registered`);
    if (cause === "total_size" && round.plan.before.bytes <= policy.maxTotalBytes)
      faults.push(`${key}: size is kept`);
    if (cause === "container_quota" && policy.maxContainerBytes === undefined)
      faults.push(`${key}: no quota`);
    if (cause === "free_space") faults.push(`${key}: nobody asked for free space`);
  }
  // The declared order: nothing that should have gone earlier is left behind by what went to make room.
  const rankOf = (key: string): number => {
    const { state, kind } = round.before.get(key) ?? { state: "", kind: "" };
    return (kind === "system" ? 2 : 0) + (state === "sealed" ? 1 : 0);
  };
  const evicted = gone.filter((key) => planned.get(key)?.cause === "total_size");
  const left = [...round.after.keys()].filter((key) => round.before.has(key) && isFree(key));
  if (round.outcome !== undefined) {
    for (const key of evicted) {
      const earlier = left.filter(
        (other) =>
          rankOf(other) < rankOf(key) ||
          (!wasSetBack && rankOf(other) === rankOf(key) && newestMs(truth(other)) < newestMs(truth(key))),
      );
      if (earlier.length > 0) faults.push(`${key} went before ${earlier.join(", ")}`);
    }
    const { deleted, bytesFreed, failed } = round.outcome;
    if (deleted !== gone.length) faults.push(`${deleted} deleted, in truth ${gone.length}`);
    if (bytesFreed !== round.bytesBefore - round.bytesAfter) {
      faults.push(`${bytesFreed} bytes freed, in truth ${round.bytesBefore - round.bytesAfter}`);
    }
    if (failed > 0) faults.push(`failed: ${JSON.stringify(round.outcome.errors)}`);
  }
  for (const key of round.after.keys())
    if (!round.before.has(key) && !years.sealed.has(key)) faults.push(`${key} came from nowhere`);
  return faults;
}

/** What became of one run. */
interface Life {
  readonly faults: readonly string[];
  readonly days: number;
  /** Deletions. */
  readonly byAge: number;
  readonly forRoom: number;
}

/** As a coordinator does: after each seal or pause, and again while a limit is exceeded. */
async function settle(years: SimulatedYears, policy: Limits, diesAt: number | undefined): Promise<Round[]> {
  const rounds = [await years.maintain(diesAt)];
  for (let last = rounds[0]; last !== undefined && rounds.length < 5; last = rounds.at(-1)) {
    const isDone = last.totalAfter <= policy.maxTotalBytes || last.plan.steps.length === 0;
    if (last.outcome !== undefined && isDone) break;
    rounds.push(await years.maintain());
  }
  return rounds;
}

async function live(policy: Limits, steps: readonly Step[]): Promise<Life> {
  const { deleteAfterDays, archiveAfterDays, ...rest } = policy;
  const years = new SimulatedYears(
    resolveRetentionPolicy({
      ...rest,
      deleteAfterMs: deleteAfterDays * dayMs,
      archiveAfterMs: archiveAfterDays * dayMs,
      unregisterGraceMs: 2 * dayMs,
    }),
    3,
  );
  const faults: string[] = [];
  const startMs = years.clock.now();
  let [holds, wasSetBack, dayCount, totalBytes, diesAt] = [0, false, 0, 0, undefined as number | undefined];
  for (const each of steps) {
    if (each.do === "write") {
      const address = addresses[each.at] ?? { kind: "system", component: "coordinator" };
      years.write(address, each.count, each.id === 0 ? undefined : `trade_${each.id}`);
    } else if (each.do === "wait") {
      years.clock.advance(each.days * dayMs);
      dayCount += each.days;
    } else if (each.do === "clock") {
      years.clock.setNow(Math.max(startMs, years.clock.now() + each.days * dayMs));
      wasSetBack = true;
    } else if (each.do === "hold") {
      const nowMs = years.clock.now();
      const id = `hold_${holds++}`;
      const criteria = {
        container: { container: each.of % 2 === 0 ? "a" : "b" },
        id: { correlationId: `trade_${each.of}` },
        range: { fromMs: nowMs - each.days * dayMs, toMs: nowMs },
      }[each.by];
      years.hold({ id, reason: "simulated", ...criteria, expiresMs: nowMs + each.days * dayMs });
    } else if (each.do === "release") {
      years.release(`hold_${holds - 1}`);
    } else if (each.do === "unregister") {
      years.registered.delete(each.container);
    } else {
      diesAt = each.at;
    }
    const keptBytes = Math.max(policy.maxTotalBytes, totalBytes);
    const rounds = await settle(years, policy, diesAt);
    diesAt = undefined;
    for (const round of rounds) faults.push(...faultsOf(years, round, policy, wasSetBack));
    const [first, last] = [rounds[0], rounds.at(-1)];
    totalBytes = last?.totalAfter ?? 0;
    if ((first?.plan.before.bytes ?? 0) > keptBytes + years.segmentBytes)
      faults.push("grew by more than a segment");
    if (totalBytes > policy.maxTotalBytes && last?.plan.unmet.length === 0) {
      faults.push(`${totalBytes} bytes, over ${policy.maxTotalBytes}`);
    }
    if (faults.length > 0) break;
  }
  const { records } = readDeletions(root, { fileSystem: years.tree.files });
  const countOf = (...causes: string[]): number =>
    records.filter(({ phase, cause }) => phase === "done" && causes.includes(cause)).length;
  const made = { byAge: countOf("age", "unregistered"), forRoom: countOf("total_size", "container_quota") };
  return { faults, days: dayCount, ...made };
}

describe("years of traffic with random policies, holds, clocks and kills", () => {
  it("keep every promise in every round", async () => {
    const sum = { days: 0, byAge: 0, forRoom: 0 };
    await fc.assert(
      fc.asyncProperty(limits, fc.boolean(), histories, async (policy, isClockSteady, history) => {
        // Without clocks that are set back the order of eviction is that of time, and looked at.
        const steps = history.filter((each) => !(isClockSteady && each.do === "clock"));
        const result = await live(policy, steps);
        sum.days += result.days;
        sum.byAge += result.byAge;
        sum.forRoom += result.forRoom;
        expect(result.faults).toEqual([]);
      }),
      { seed, numRuns: 30, endOnFailure: true },
    );
    // The runs did get somewhere.
    expect(sum.days).toBeGreaterThan(5 * 365);
    expect(sum.byAge).toBeGreaterThan(150);
    expect(sum.forRoom).toBeGreaterThan(150);
  }, 120_000);
});
