import type { StreamAddress } from "@waybill/log-tree";
import type { Level } from "@waybill/protocols";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Failure } from "../support/failing-port.ts";
import {
  causesOf,
  faultsOfDeletions,
  faultsOfLeaving,
  faultsOfNumbers,
  faultsOfOrder,
} from "../support/passage-faults.ts";
import { SimulatedTree } from "../support/simulated-tree.ts";

const dayMs = 86_400_000;
const seed = 20_261_124;
const graceDays = 2;
const floodEntries = 500;

const addresses: readonly StreamAddress[] = [
  { kind: "container", container: "a", component: "main" },
  { kind: "container", container: "a", component: "risk" },
  { kind: "container", container: "b", component: "main" },
  { kind: "container", container: "brief", component: "main" },
  { kind: "flow", coordinator: "main", tier: "fast" },
  { kind: "flow", coordinator: "main", tier: "reliable" },
  { kind: "system", component: "coordinator" },
];

interface Burst {
  readonly at: number;
  readonly count: number;
  readonly id: number;
}

type Step =
  | ({ readonly do: "write" } & Burst)
  | { readonly do: "flood"; readonly at: number }
  | { readonly do: "wait"; readonly hours: number }
  | { readonly do: "clock"; readonly days: number }
  | {
      readonly do: "hold";
      readonly by: "container" | "id" | "range";
      readonly of: number;
      readonly days: number;
    }
  | { readonly do: "release" }
  | { readonly do: "unregister"; readonly container: string }
  | { readonly do: "compress" }
  /** After a while, at a share of the calls that the round before has made, or at one that removes a file. */
  | {
      readonly do: "fail";
      readonly hours: number;
      readonly share: number;
      readonly how: "crash" | "EIO" | "ENOSPC";
    };

const whole = (max: number) => fc.integer({ min: 0, max });
const burst = {
  at: whole(addresses.length - 1),
  count: fc.integer({ min: 1, max: 14 }),
  id: whole(4),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ do: fc.constant("write" as const), ...burst }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("flood" as const), at: whole(addresses.length - 1) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: whole(2400) }) },
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
      days: whole(60),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "release" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("unregister" as const),
      container: fc.constantFrom("a", "b", "brief", "brief"),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "compress" as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      hours: whole(480),
      share: fc.double({ min: 0, max: 1.5, noNaN: true }),
      how: fc.constantFrom("crash", "crash", "EIO", "ENOSPC"),
    }),
  },
);
/** What is written while maintenance runs. */
const meanwhile = fc.array(fc.record(burst), { maxLength: 2 });
const histories = fc.array(fc.tuple(step, meanwhile), { minLength: 60, maxLength: 90 });

const policies = fc.record({
  maxAgeDays: fc.integer({ min: 8, max: 60 }),
  archiveAfterDays: fc.integer({ min: 0, max: 8 }),
  quotaKb: fc.option(fc.integer({ min: 150, max: 500 }), { nil: undefined }),
  thresholdPercent: fc.integer({ min: 80, max: 100 }),
  onUnregister: fc.constantFrom("keep", "archive", "delete"),
  isCompressing: fc.boolean(),
});
type Policy = typeof policies extends fc.Arbitrary<infer T> ? T : never;

/** The least that a configuration takes is 0.001, for the target. */
const totalGb = 0.0014;

function configOf(policy: Policy) {
  const threshold = (totalGb * policy.thresholdPercent) / 100;
  return {
    retention_policy: {
      max_age_days: policy.maxAgeDays,
      archive_after_days: policy.archiveAfterDays,
      max_total_size_gb: totalGb,
      ...(policy.quotaKb === undefined ? {} : { max_container_size_mb: policy.quotaKb / 1024 }),
      on_unregister: policy.onUnregister,
      unregister_grace_seconds: graceDays * 86_400,
    },
    performance: { max_file_size_mb: 1 / 64, enable_compression: policy.isCompressing },
    monitoring: { disk_usage_alert_threshold_gb: threshold, disk_usage_target_gb: threshold * 0.9 },
    maintenance: { interval_seconds: 3600, jitter_percent: 0 },
  };
}

/** What became of one history. */
interface Lives {
  readonly faults: readonly string[];
  readonly days: number;
  readonly deaths: number;
  readonly byAge: number;
  readonly forRoom: number;
  readonly archived: number;
  /** Entries that had no room at first. */
  readonly refused: number;
}

class History {
  readonly tree: SimulatedTree;
  readonly #startMs: number;
  readonly #policy: Policy;
  #holds = 0;
  wasSetBack = false;
  days = 0;
  refused = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.tree = new SimulatedTree(configOf(policy));
    this.#startMs = this.tree.clock.now();
  }

  write({ at, count, id }: Burst): void {
    const address = addresses[at] ?? { kind: "system", component: "coordinator" };
    if (address.kind === "container") this.tree.register(address.container);
    const level: Level = id === 4 && count > 9 ? "ERROR" : "INFO";
    for (let n = 0; n < count; n++) {
      if (this.tree.writers.write(address, level, id === 0 ? undefined : `trade_${id}`)) continue;
      this.refused += 1;
      break;
    }
    this.tree.noteSize();
  }

  /** All but failures, which are the business of the round. */
  async act(step: Step): Promise<void> {
    const { tree } = this;
    const { clock } = tree;
    if (step.do === "write") this.write(step);
    // More than the limit at once: what has no room waits.
    else if (step.do === "flood") this.write({ at: step.at, count: floodEntries, id: 0 });
    else if (step.do === "wait" || step.do === "fail") {
      clock.advance(step.hours * 3_600_000);
      this.days += step.hours / 24;
    } else if (step.do === "clock") {
      clock.setNow(Math.max(this.#startMs, clock.now() + step.days * dayMs));
      this.wasSetBack = true;
    } else if (step.do === "hold") this.#hold(step.by, step.of, step.days);
    else if (step.do === "release" && this.#holds > 0) tree.release(`hold_${this.#holds - 1}`);
    else if (step.do === "unregister" && tree.registered.has(step.container)) tree.unregister(step.container);
    else if (step.do === "compress" && this.#policy.isCompressing) {
      const { readable } = await tree.look();
      const plain = [...readable.values()].find(({ state, name }) => state === "sealed" && !name.compressed);
      if (plain !== undefined) tree.writers.compress(plain.path);
    }
  }

  #hold(by: "container" | "id" | "range", of: number, days: number): void {
    const nowMs = this.tree.clock.now();
    const criteria = {
      container: { container: of % 2 === 0 ? "a" : "b" },
      id: { correlationId: `trade_${of}` },
      range: { fromMs: nowMs - days * dayMs, toMs: nowMs },
    }[by];
    const expiresMs = nowMs + days * dayMs;
    this.tree.hold({ id: `hold_${this.#holds++}`, reason: "simulated", ...criteria, expiresMs });
  }
}

function failureOf({ share, how }: Extract<Step, { do: "fail" }>, calls: number): Failure {
  const isOfUnlink = share < 0.4;
  return { calls: Math.ceil(isOfUnlink ? 20 * share : share * calls), isOfUnlink, how };
}

async function live(policy: Policy, steps: readonly (readonly [Step, readonly Burst[]])[]): Promise<Lives> {
  const history = new History(policy);
  const { tree } = history;
  const faults: string[] = [];
  const sum = { deaths: 0, byAge: 0, forRoom: 0, archived: 0 };
  let cleanRounds = 0;
  await tree.maintain(undefined, []);
  let before = await tree.look();
  for (const [step, bursts] of steps) {
    await history.act(step);
    const isFaulty = step.do === "fail";
    const failure = isFaulty ? failureOf(step, tree.calls) : undefined;
    const acts = bursts.map((each) => () => history.write(each));
    const round = await tree.maintain(failure, acts);
    cleanRounds = isFaulty ? 0 : cleanRounds + 1;
    const after = await tree.look();
    const { wasSetBack } = history;
    const facts = { tree, policy, before, after, round, isFaulty, cleanRounds, wasSetBack };
    const passage = { ...facts, gone: causesOf(facts) };
    faults.push(...faultsOfDeletions(passage), ...faultsOfNumbers(passage), ...faultsOfLeaving(passage));
    // What a failure has refused is left alone until the next thorough run, and others make room in its place.
    if (cleanRounds > 1) faults.push(...faultsOfOrder(passage));
    for (const cause of passage.gone.values()) {
      if (cause === "age" || cause === "unregistered") sum.byAge += 1;
      else sum.forRoom += 1;
    }
    sum.deaths += Number(round.hasDied);
    sum.archived += round.counted.archived;
    before = after;
    for (const key of tree.writers.sealed.keys()) tree.writers.known.add(key);
    for (const container of tree.registered) tree.present.add(container);
    tree.largestBytes = 0;
    if (faults.length > 0) {
      faults.push(JSON.stringify(step));
      break;
    }
  }
  await tree.end();
  return { faults, days: history.days, refused: history.refused, ...sum };
}

describe("years of maintenance with random policies, holds, clocks, failures and deaths", () => {
  it("keep the limit, what is held, what is not due, the order, and true numbers", async () => {
    const sum = { days: 0, deaths: 0, byAge: 0, forRoom: 0, archived: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(policies, fc.boolean(), histories, async (policy, isClockSteady, history) => {
        // Without clocks that are set back the order of eviction is that of time, and looked at.
        const steps = history.filter(([each]) => !(isClockSteady && each.do === "clock"));
        const result = await live(policy, steps);
        sum.days += result.days;
        sum.deaths += result.deaths;
        sum.byAge += result.byAge;
        sum.forRoom += result.forRoom;
        sum.archived += result.archived;
        sum.refused += result.refused;
        expect(result.faults).toEqual([]);
      }),
      { seed, numRuns: 3, endOnFailure: true },
    );
    // The runs did get somewhere.
    expect(sum.days).toBeGreaterThan(3 * 365);
    expect(sum.deaths).toBeGreaterThan(3);
    expect(sum.byAge).toBeGreaterThan(150);
    expect(sum.forRoom).toBeGreaterThan(50);
    expect(sum.archived).toBeGreaterThan(50);
    expect(sum.refused).toBeGreaterThan(0);
  }, 120_000);
});
