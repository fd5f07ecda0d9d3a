import { createSeededRandom } from "../seeded-random.ts";
import type { Fault } from "./fault.ts";
import { createFaultyFileSystem, type FaultyFileSystem } from "./faulty-file-system.ts";
import type { Operation } from "./machine.ts";
import { SimulatedCrash } from "./simulated-crash.ts";

/**
 * How a run is disturbed at operation N.
 * - `once`: it fails with an error, the next ones work.
 * - `stuck`: it and all later ones fail.
 * - `crash`: the process dies before it.
 * - `torn`: the process dies in the middle of it; operations other than writes are skipped.
 */
export type FaultMode = "once" | "stuck" | "crash" | "torn";

/** One of the runs of {@link forEachFaultPoint}. */
export interface FaultPoint {
  /** The operation that is hit, 1 to the number of operations of an undisturbed run; 0 for that run itself. */
  readonly operation: number;
  readonly mode: FaultMode | "none";
  readonly seed: number;
}

/** Options of {@link forEachFaultPoint}. */
export interface FaultPointOptions {
  /**
   * Checks what is left after each run, the undisturbed one included. Faults are lifted and the process is started
   * again; ask `powerLossStates()` for what a power cut would have left.
   */
  readonly verify: (fileSystem: FaultyFileSystem, point: FaultPoint) => void | Promise<void>;
  /** Default all four. */
  readonly modes?: readonly FaultMode[];
  /** Error of `once` and `stuck`. Default `EIO`. */
  readonly code?: string;
  /** Runs at most, besides the undisturbed one; of more, the seed draws some. Integer ≥ 1. Default 2 000. */
  readonly runsMax?: number;
  /** Operations of one run at most, so that endless retries are found. Default 100 000. */
  readonly operationsMax?: number;
  /** Integer, part of every error message. Default 1. */
  readonly seed?: number;
  /** Builds the file system of a run. What it does is not counted. Default: an empty {@link createFaultyFileSystem}. */
  readonly create?: (seed: number) => FaultyFileSystem;
}

/** What {@link forEachFaultPoint} did. */
export interface FaultPointReport {
  /** Operations of the undisturbed run. */
  readonly operations: number;
  /** Disturbed runs. */
  readonly runs: number;
}

type Workload = (fileSystem: FaultyFileSystem, point: FaultPoint) => void | Promise<void>;

function faultOf({ operation, mode }: FaultPoint, code: string, writeBytes: number): Fault | undefined {
  if (mode === "none") return undefined;
  if (mode === "crash") return { operation, crash: true };
  if (mode === "torn") return { operation, crash: true, afterBytes: Math.floor(writeBytes / 2) };
  return { operation, error: code, times: mode === "stuck" ? Number.POSITIVE_INFINITY : 1 };
}

/** Whether an error, or one of its causes, is the fault that was injected. */
function isInjected(error: unknown, code: string): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof SimulatedCrash || ("code" in current && current.code === code)) return true;
  }
  return false;
}

/** A seeded choice of at most `countMax`, in the given order. */
function draw<T>(items: readonly T[], countMax: number, seed: number): readonly T[] {
  if (items.length <= countMax) return items;
  const random = createSeededRandom(seed);
  const ranked = items.map((item, index) => ({ item, index, rank: random() }));
  const chosen = ranked.sort((a, b) => a.rank - b.rank).slice(0, countMax);
  return chosen.sort((a, b) => a.index - b.index).map(({ item }) => item);
}

/**
 * Runs a workload once undisturbed to count its file system operations, and then once for each operation and mode
 * with a fault at that operation; after each run the result is verified.
 *
 * The workload may throw the injected error or the crash, also as the `cause` of another error; anything else that it
 * or `verify` throws ends the loop.
 *
 * @returns when every run was verified.
 * @throws {Error} naming operation, call, mode and seed, with the failure as `cause`.
 * @see SQLite, "How SQLite Is Tested", I/O error and crash testing
 */
export async function forEachFaultPoint(
  run: Workload,
  options: FaultPointOptions,
): Promise<FaultPointReport> {
  const { modes = ["once", "stuck", "crash", "torn"], runsMax = 2000, seed = 1 } = options;
  const operations = await checkPoint(run, options, { operation: 0, mode: "none", seed }, undefined);
  const points = operations.flatMap((hit) =>
    modes
      .filter((mode) => mode !== "torn" || (hit.verb === "write" && (hit.bytes ?? 0) > 1))
      .map((mode) => ({ hit, point: { operation: hit.number, mode, seed } })),
  );
  const chosen = draw(points, runsMax, seed);
  for (const { hit, point } of chosen) await checkPoint(run, options, point, hit);
  return { operations: operations.length, runs: chosen.length };
}

/** Makes one run and verifies it. @returns the operations of the run. */
async function checkPoint(
  run: Workload,
  options: FaultPointOptions,
  point: FaultPoint,
  hit: Operation | undefined,
): Promise<readonly Operation[]> {
  const { create = (seed) => createFaultyFileSystem({ seed }) } = options;
  try {
    const fileSystem = create(point.seed);
    fileSystem.clearOperations();
    await runDisturbed(run, options, point, fileSystem, hit?.bytes ?? 0);
    const operations = [...fileSystem.operations];
    fileSystem.clearFaults();
    fileSystem.restart();
    await options.verify(fileSystem, point);
    return operations;
  } catch (error) {
    const call = hit === undefined ? "" : ` (${hit.verb} ${hit.path ?? ""})`;
    const where = `operation ${point.operation}${call}, mode ${point.mode}, seed ${point.seed}`;
    throw new Error(`fault point failed at ${where}: ${String(error)}`, { cause: error });
  }
}

async function runDisturbed(
  run: Workload,
  { code = "EIO", operationsMax = 100_000 }: FaultPointOptions,
  point: FaultPoint,
  fileSystem: FaultyFileSystem,
  writeBytes: number,
): Promise<void> {
  // First, because of several matching faults the first is taken. A workload cannot outlive a crash.
  const guard = fileSystem.inject({ operation: operationsMax + 1, crash: true });
  const fault = faultOf(point, code, writeBytes);
  if (fault !== undefined) fileSystem.inject(fault);
  let failure: unknown;
  try {
    await run(fileSystem, point);
  } catch (error) {
    failure = error;
  }
  if (guard.hits > 0) throw new Error(`more than ${operationsMax} operations in one run`);
  if (failure !== undefined && (point.mode === "none" || !isInjected(failure, code))) throw failure;
}
