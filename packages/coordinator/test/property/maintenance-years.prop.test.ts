import type { StreamAddress } from "@waybill/log-tree";
import type { Level } from "@waybill/protocols";
import type { Hold } from "@waybill/retention";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MaintenanceRound, SimulatedTree, type TreeLook } from "../support/simulated-tree.ts";
import type { TrueSegment } from "../support/simulated-writers.ts";

const dayMs = 86_400_000;
const seed = 20_261_124;
const graceDays = 2;

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
  | { readonly do: "fail"; readonly at: number; readonly how: "crash" | "EIO" | "ENOSPC" };

const whole = (max: number) => fc.integer({ min: 0, max });
const burst = {
  at: whole(addresses.length - 1),
  count: fc.integer({ min: 1, max: 14 }),
  id: whole(4),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ do: fc.constant("write" as const), ...burst }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: whole(1900) }) },
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
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      at: fc.integer({ min: 1, max: 400 }),
      how: fc.constantFrom("crash", "crash", "EIO", "ENOSPC"),
    }),
  },
);
/** What is written while maintenance runs. */
const meanwhile = fc.array(fc.record(burst), { maxLength: 2 });
const histories = fc.array(fc.tuple(step, meanwhile), { minLength: 60, maxLength: 110 });

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

const newestMs = ({ entries }: TrueSegment): number => Math.max(...entries.map(({ timeMs }) => timeMs));

/** Written once more, from the README instead of the code. */
function trueLimitMs({ address, entries }: TrueSegment, { maxAgeDays }: Policy): number {
  if (address.kind === "system") return 30 * dayMs;
  const isError = entries.some(({ level }) => level === "ERROR");
  if (isError || (address.kind === "flow" && address.tier === "reliable")) return 3 * maxAgeDays * dayMs;
  return (address.kind === "flow" ? Math.min(7, maxAgeDays) : maxAgeDays) * dayMs;
}

function isTrulyHeld({ address, entries }: TrueSegment, holds: readonly Hold[], nowMs: number): boolean {
  const ofContainer = address.kind === "container" ? address.container : undefined;
  return holds.some((hold) => {
    if (hold.expiresMs !== undefined && hold.expiresMs <= nowMs) return false;
    if (hold.container !== undefined && hold.container !== ofContainer) return false;
    return entries.some(
      ({ timeMs, correlationId }) =>
        (hold.correlationId === undefined || hold.correlationId === correlationId) &&
        timeMs >= (hold.fromMs ?? timeMs) &&
        timeMs <= (hold.toMs ?? timeMs),
    );
  });
}

/** What happened between two looks. */
interface Passage {
  readonly tree: SimulatedTree;
  readonly policy: Policy;
  readonly before: TreeLook;
  readonly after: TreeLook;
  readonly round: MaintenanceRound;
  readonly isFaulty: boolean;
  /** Rounds since the last with a fault: the ledger learns of what a failure has left at the next rescan. */
  readonly cleanRounds: number;
  readonly wasSetBack: boolean;
  /** Why each segment is gone that stood before or was sealed since. */
  readonly gone: ReadonlyMap<string, string | undefined>;
}

/** Of each that is gone: whether it might go, for the cause that the manifest tells. */
function* faultsOfDeletions(passage: Passage): Generator<string> {
  const { tree, policy, before, after, round, gone } = passage;
  const upperBytes = before.bytes + round.written;
  for (const [key, cause] of gone) {
    const segment = tree.writers.sealed.get(key);
    if (segment === undefined) continue;
    if (cause === undefined) yield `${key} is gone and nothing tells why`;
    if (isTrulyHeld(segment, after.holds, after.nowMs)) yield `${key} was held`;
    const isExpired = after.nowMs - newestMs(segment) > trueLimitMs(segment, policy);
    if (cause === "age" && !isExpired) yield `${key} was not expired`;
    const { address } = segment;
    const isGone = address.kind === "container" && !tree.present.has(address.container);
    if (cause === "unregistered" && !(isGone && (isExpired || policy.onUnregister === "delete")))
      yield `${key} is registered`;
    if (cause === "total_size" && upperBytes <= tree.limits.roomFromBytes) yield `${key}: size was kept`;
    if (cause === "container_quota" && policy.quotaKb === undefined) yield `${key}: no quota`;
    if (cause === "free_space") yield `${key}: nobody asked for free space`;
  }
}

/** The declared order: nothing that should have gone earlier is left behind by what went to make room. */
function* faultsOfOrder(passage: Passage): Generator<string> {
  const { tree, before, after, round, wasSetBack, gone } = passage;
  const { sealed } = tree.writers;
  const isFree = (key: string, segment: TrueSegment): boolean =>
    !isTrulyHeld(segment, before.holds, before.nowMs) && !before.copied.has(key) && !after.copied.has(key);
  const rankOf = (state: string | undefined, { address }: TrueSegment): number =>
    (address.kind === "system" ? 2 : 0) + (state === "archived" ? 0 : 1);
  const left = [...after.readable].flatMap(([key, { state }]) => {
    const segment = sealed.get(key);
    const stateBefore = before.readable.get(key)?.state;
    if (segment === undefined || stateBefore === undefined || !isFree(key, segment)) return [];
    return [
      {
        key,
        newest: newestMs(segment),
        rank: Math.max(rankOf(state, segment), rankOf(stateBefore, segment)),
      },
    ];
  });
  for (const [file, cause] of round.deletions) {
    const key = tree.keyOf(file);
    const segment = sealed.get(key);
    if (cause !== "total_size" || segment === undefined || after.readable.has(key)) continue;
    if (!gone.has(key)) continue;
    const rank = rankOf(file.startsWith("archived/") ? "archived" : "sealed", segment);
    const earlier = left.filter(
      (other) =>
        other.rank < rank || (!wasSetBack && other.rank === rank && other.newest < newestMs(segment)),
    );
    if (earlier.length > 0) yield `${key} went before ${earlier.map((other) => other.key).join(", ")}`;
  }
}

/** Why each segment is gone that stood before or was sealed since. */
function causesOf({ tree, before, after, round }: Omit<Passage, "gone">): Map<string, string | undefined> {
  const gone = new Map<string, string | undefined>();
  const told = new Map<string, string>();
  for (const [file, cause] of round.deletions) {
    told.set(tree.keyOf(file), cause);
  }
  for (const key of tree.writers.sealed.keys()) {
    if (after.readable.has(key)) continue;
    if (before.readable.has(key) || !tree.writers.known.has(key)) gone.set(key, told.get(key));
  }
  return gone;
}

/** What the counters, the ledger and the limits say, against what lies there. */
function* faultsOfNumbers(passage: Passage): Generator<string> {
  const { tree, before, after, round, isFaulty, cleanRounds, gone } = passage;
  yield* after.problems;
  if (tree.largestBytes > Math.max(tree.limits.maxTotalBytes, before.bytes) + tree.segmentBytes)
    yield `${tree.largestBytes} bytes, over ${tree.limits.maxTotalBytes}`;
  if (isFaulty) return;
  if (cleanRounds > 1) yield* round.drifts.map((drift) => `nobody told the ledger: ${drift}`);
  yield* round.ledgerFaults;
  if (cleanRounds < 2) return;
  if (round.counted.deleted !== gone.size) yield `${round.counted.deleted} deleted, in truth ${gone.size}`;
  const freed = before.segmentBytes + round.written - round.compressedAway - after.segmentBytes;
  if (round.counted.freedBytes !== freed) yield `${round.counted.freedBytes} bytes freed, in truth ${freed}`;
  if (after.bytes > tree.limits.maxTotalBytes && !round.isUnmet)
    yield `${after.bytes} bytes, and nobody says so`;
}

/** What should be gone and is not. */
function* faultsOfLeaving({ tree, policy, after, isFaulty }: Passage): Generator<string> {
  if (isFaulty) return;
  for (const [key] of after.readable) {
    const segment = tree.writers.sealed.get(key);
    if (segment === undefined || after.copied.has(key)) continue;
    if (isTrulyHeld(segment, after.holds, after.nowMs)) continue;
    if (after.nowMs - newestMs(segment) > trueLimitMs(segment, policy) + 10_000) yield `${key} is expired`;
  }
}

/** What became of one history. */
interface Lives {
  readonly faults: readonly string[];
  readonly days: number;
  readonly deaths: number;
  readonly byAge: number;
  readonly forRoom: number;
  readonly archived: number;
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
      if (!this.tree.writers.write(address, level, id === 0 ? undefined : `trade_${id}`)) this.refused += 1;
    }
    this.tree.noteSize();
  }

  /** All but failures, which are the business of the round. */
  async act(step: Step): Promise<void> {
    const { tree } = this;
    const { clock } = tree;
    if (step.do === "write") this.write(step);
    else if (step.do === "wait") {
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
    const failure = isFaulty ? { calls: step.at, how: step.how } : undefined;
    const acts = bursts.map((each) => () => history.write(each));
    const round = await tree.maintain(failure, acts);
    cleanRounds = isFaulty ? 0 : cleanRounds + 1;
    const after = await tree.look();
    const { wasSetBack } = history;
    const facts = { tree, policy, before, after, round, isFaulty, cleanRounds, wasSetBack };
    const passage = { ...facts, gone: causesOf(facts) };
    faults.push(...faultsOfDeletions(passage), ...faultsOfNumbers(passage), ...faultsOfLeaving(passage));
    if (!isFaulty) faults.push(...faultsOfOrder(passage));
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
  return { faults, days: history.days, ...sum };
}

describe("years of maintenance with random policies, holds, clocks, failures and deaths", () => {
  it("keep the limit, what is held, what is not due, the order, and true numbers", async () => {
    const sum = { days: 0, deaths: 0, byAge: 0, forRoom: 0, archived: 0 };
    await fc.assert(
      fc.asyncProperty(policies, fc.boolean(), histories, async (policy, isClockSteady, history) => {
        // Without clocks that are set back the order of eviction is that of time, and looked at.
        const steps = history.filter(([each]) => !(isClockSteady && each.do === "clock"));
        const result = await live(policy, steps);
        for (const name of ["days", "deaths", "byAge", "forRoom", "archived"] as const)
          sum[name] += result[name];
        expect(result.faults).toEqual([]);
      }),
      {
        seed: Number(process.env["SEED"] ?? seed),
        numRuns: Number(process.env["RUNS"] ?? 12),
        endOnFailure: true,
      },
    );
    // The runs did get somewhere.
    console.log(JSON.stringify(sum));
    expect(sum.days).toBeGreaterThan(5 * 365);
  }, 120_000);
});
