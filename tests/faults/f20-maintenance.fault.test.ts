import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Found, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, seededRandom } from "./support/fault-case.ts";
import type { ManagingPlan, ManagingStep } from "./support/managing-plan.ts";

const bytesPerMb = 1_048_576;
const nobody = 65_534;

/** At most 2 MB in segments of 64 KB, archived as soon as they are sealed. */
const small = {
  performance: { async_writing: false, max_file_size_mb: 1 / 16, enable_compression: false },
  retention_policy: { max_total_size_gb: 2 / 1024, archive_after_days: 0 },
};
const large = { ...small, retention_policy: { max_total_size_gb: 1, archive_after_days: 0 } };

function planOf(fault: FaultCase, more: Partial<ManagingPlan> & Pick<ManagingPlan, "steps">): ManagingPlan {
  const run = more.run ?? 0;
  const root = join(fault.folder, "tree");
  return { root, acks: join(fault.folder, `acks-${run}`), run, containers: ["a"], logging: large, ...more };
}

/** How many entries of each container of a run are written for certain. */
function acknowledgedIn({ acks }: ManagingPlan): Map<string, number> {
  const text = existsSync(acks) ? readFileSync(acks, "utf8") : "";
  const lines = text.split("\n").filter((line) => /^\S+ \d+$/.test(line));
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])]));
}

/** What became of the entries of some runs that are written for certain. */
function fateOf(found: Found, plans: readonly ManagingPlan[]) {
  // The master log has copies of some, and what the manager tells of itself has no number.
  const keys = [...found.streams]
    .filter(([stream]) => stream.startsWith("containers/"))
    .flatMap(([, entries]) => entries.map(({ key }) => key))
    .filter((key) => key !== "gap");
  const there = new Set(keys);
  const doubled = keys.length - there.size;
  let acknowledged = 0;
  let missing = 0;
  /** Missing though an older one of the same container is there: no policy deletes those first. */
  let lost = 0;
  for (const plan of plans) {
    for (const [container, count] of acknowledgedIn(plan)) {
      acknowledged += count;
      let isOlderThere = false;
      for (let n = plan.from ?? 0; n < count; n += 1) {
        const isThere = there.has(`${plan.run}:${container}:${n}`);
        if (!isThere) missing += 1;
        if (!isThere && isOlderThere) lost += 1;
        isOlderThere ||= isThere;
      }
    }
  }
  return { acknowledged, missing, lost, doubled, damage: found.damage, inversions: found.inversions };
}

function deletedIn(root: string): number {
  const directory = join(root, ".waybill/manifests");
  if (!existsSync(directory)) return 0;
  return readdirSync(directory)
    .filter((name) => name.startsWith("deletions"))
    .flatMap((name) => readFileSync(join(directory, name), "utf8").split("\n"))
    .filter((line) => line.includes('"done"')).length;
}

const close: ManagingStep = { do: "close" };
const clean = { lost: 0, doubled: 0, damage: [], inversions: 0 };

/** Runs on a device of its own, which is unmounted whatever happens. */
async function onDevice(directory: string, size: string, run: () => Promise<void>): Promise<void> {
  mkdirSync(directory, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0777`, "tmpfs", directory]);
  try {
    await run();
  } finally {
    execFileSync("umount", ["-l", directory]);
  }
}

function fill(filler: string): void {
  for (let bytes = bytesPerMb; bytes >= 1; bytes >>= 1) {
    for (;;) {
      try {
        appendFileSync(filler, Buffer.alloc(bytes, 1));
      } catch {
        // What fits counts; the rest is tried again in smaller pieces.
        break;
      }
    }
  }
}

describe("F20 maintenance", () => {
  const seed = 20_261_123;
  faultCase(
    `F20 kill -9 at random moments under load loses nothing but by policy, seed ${seed}`,
    [],
    async (fault) => {
      const random = seededRandom(seed);
      const plans: ManagingPlan[] = [];
      const rounds = isLong ? 60 : 5;
      for (let round = 0; round < rounds; round += 1) {
        const load = { do: "log", count: 100_000, perTurn: 10, padBytes: 800 } as const;
        const steps = [{ do: "keepRunning" }, { do: "say", word: "begun" }, load] as const;
        const containers = ["a", "b", `job_${round}`];
        const plan = planOf(fault, {
          run: round,
          logging: round % 2 === 0 ? small : large,
          containers,
          steps,
        });
        plans.push(plan);
        const child = fault.start(plan);
        await child.hear("begun");
        await new Promise((resolve) => setTimeout(resolve, 100 + 900 * random()));
        child.kill("SIGKILL");
        await child.ended();
      }
      const last = planOf(fault, {
        run: rounds,
        logging: small,
        steps: [{ do: "run", word: "done" }, close],
      });
      const child = fault.start(last);
      const { report } = await child.hear("done");
      expect(await child.ended()).toEqual({ code: 0, signal: null });
      const found = await readFound(last.root);
      const fate = fateOf(found, plans);
      const bytes = found.inventory.segments.reduce((sum, segment) => sum + segment.bytes, 0);
      fault.tell({ ...fate, damage: fate.damage.length, deleted: deletedIn(last.root), bytes });
      expect(fate).toMatchObject(clean);
      expect(fate.acknowledged).toBeGreaterThan(1000);
      expect(deletedIn(last.root)).toBeGreaterThan(0);
      expect(report?.failed).toBe(0);
      expect(bytes).toBeLessThanOrEqual(2 * bytesPerMb + bytesPerMb / 16);
      expect(found.inventory.summary.shadowed).toBe(0);
    },
  );

  faultCase(
    "F20 two processes maintain one tree at once: nothing is lost, doubled or left half",
    [],
    async (fault) => {
      const steps: readonly ManagingStep[] = [
        { do: "keepRunning" },
        { do: "say", word: "begun" },
        { do: "await", word: "go" },
        { do: "log", count: isLong ? 20_000 : 2000, perTurn: 20, padBytes: 800 },
        { do: "run", word: "done" },
        { do: "await", word: "end" },
        close,
      ];
      const plans = [0, 1].map((run) => planOf(fault, { run, containers: ["shared", `own_${run}`], steps }));
      const children = plans.map((plan) => fault.start(plan));
      await Promise.all(children.map((child) => child.hear("begun")));
      for (const child of children) child.tell("go");
      await Promise.all(children.map((child) => child.hear("done")));
      for (const child of children) child.tell("end");
      const ended = await Promise.all(children.map((child) => child.ended()));
      expect(ended).toEqual(plans.map(() => ({ code: 0, signal: null })));
      const after = planOf(fault, { run: 2, containers: [], steps: [{ do: "run", word: "done" }, close] });
      const child = fault.start(after);
      await child.hear("done");
      await child.ended();
      const found = await readFound(after.root);
      const fate = fateOf(found, plans);
      const { archived = 0, temporary = 0 } = found.inventory.summary.filesByState;
      fault.tell({ ...fate, damage: fate.damage.length, archived, temporary });
      expect(fate).toMatchObject({ ...clean, missing: 0 });
      expect(archived).toBeGreaterThan(10);
      expect([temporary, found.inventory.summary.shadowed]).toEqual([0, 0]);
    },
  );

  faultCase(
    "F20 containers of another process are neither gone nor sealed while it runs",
    [],
    async (fault) => {
      const logging = {
        ...small,
        retention_policy: { on_unregister: "delete", unregister_grace_seconds: 0, archive_after_days: 0 },
      };
      const load = { do: "log", count: 300, padBytes: 800 } as const;
      const theirs = planOf(fault, {
        run: 0,
        containers: ["theirs"],
        logging,
        steps: [
          load,
          { do: "say", word: "written" },
          { do: "await", word: "on" },
          load,
          { do: "say", word: "again" },
          { do: "await", word: "never" },
        ],
      });
      const other = fault.start(theirs);
      await other.hear("written");
      const run = { do: "run", word: "ran" } as const;
      const ours = planOf(fault, {
        run: 1,
        containers: ["ours"],
        logging,
        steps: [
          load,
          run,
          run,
          { do: "await", word: "on" },
          run,
          { do: "await", word: "killed" },
          run,
          run,
          run,
          close,
        ],
      });
      const child = fault.start(ours);
      const first = [(await child.hear("ran")).report, (await child.hear("ran")).report];
      other.tell("on");
      await other.hear("again");
      child.tell("on");
      const third = (await child.hear("ran")).report;
      const present = fateOf(await readFound(ours.root), [theirs]);
      other.kill("SIGKILL");
      await other.ended();
      // What was found of a lock is believed for two seconds.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      child.tell("killed");
      const last = [await child.hear("ran"), await child.hear("ran"), await child.hear("ran")];
      expect(await child.ended()).toEqual({ code: 0, signal: null });
      const left = await readFound(ours.root);
      fault.tell({ ...present, damage: present.damage.length, sealedLater: last[0]?.report?.sealed ?? 0 });
      expect([...first, third].map((report) => [report?.failed, report?.unmet.length])).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      expect(present).toMatchObject({ ...clean, acknowledged: 600, missing: 0 });
      expect([...left.streams.keys()].filter((stream) => stream.includes("theirs"))).toEqual([]);
    },
  );

  faultCase(
    "F20 an archive that cannot be written to leaves every segment where it is",
    ["root"],
    async (fault) => {
      const { root } = planOf(fault, { steps: [] });
      chownSync(root, nobody, nobody);
      chmodSync(fault.folder, 0o777);
      const load = { do: "log", count: 500, padBytes: 800 } as const;
      const first = planOf(fault, {
        steps: [load, close],
        logging: { ...large, maintenance: { enabled: false } },
      });
      await fault.start(first, { uid: nobody }).ended();
      chownSync(join(root, "archived"), 0, 0);
      chmodSync(join(root, "archived"), 0o555);
      const run = { do: "run", word: "ran" } as const;
      const second = planOf(fault, {
        run: 1,
        containers: ["b"],
        steps: [run, load, { do: "say", word: "on" }, { do: "await", word: "go" }, run, close],
      });
      const child = fault.start(second, { uid: nobody });
      const refused = (await child.hear("ran")).report;
      await child.hear("on");
      const between = await readFound(root);
      chmodSync(join(root, "archived"), 0o777);
      child.tell("go");
      const done = (await child.hear("ran")).report;
      expect(await child.ended()).toEqual({ code: 0, signal: null });
      const fate = fateOf(await readFound(root), [first, second]);
      fault.tell({ refused: refused?.failed ?? 0, archived: done?.archived ?? 0 });
      expect(refused?.errors[0]).toMatchObject({ action: "archive", code: "EACCES" });
      expect(refused?.archived).toBe(0);
      expect(between.inventory.summary.filesByState.archived).toBe(0);
      expect(done?.archived).toBeGreaterThan(5);
      expect(fate).toMatchObject({ ...clean, acknowledged: 1000, missing: 0 });
    },
  );

  faultCase(
    "F20 a device full for the archive alone: room is made by deleting what cannot be archived",
    ["root"],
    async (fault) => {
      const { root } = planOf(fault, { steps: [] });
      await onDevice(join(root, "archived"), "16k", async () => {
        const load = { do: "log", count: 3000, padBytes: 800 } as const;
        const plan = planOf(fault, {
          logging: small,
          steps: [
            load,
            { do: "run", word: "ran" },
            { do: "say", word: "on" },
            { do: "await", word: "go" },
            close,
          ],
        });
        const child = fault.start(plan);
        const { report } = await child.hear("ran");
        await child.hear("on");
        const found = await readFound(root);
        const fate = fateOf(found, [plan]);
        const bytes = found.inventory.segments.reduce((sum, segment) => sum + segment.bytes, 0);
        child.tell("go");
        expect(await child.ended()).toEqual({ code: 0, signal: null });
        fault.tell({ ...fate, damage: fate.damage.length, bytes, failed: report?.failed ?? 0 });
        // An archived copy on another device is not deleted, so that older entries may outlive newer ones.
        expect(fate).toMatchObject({ ...clean, acknowledged: 3000, lost: expect.any(Number) });
        expect(fate.missing).toBeGreaterThan(0);
        expect(bytes).toBeLessThanOrEqual(2 * bytesPerMb + bytesPerMb / 16);
        expect(report?.errors.every(({ action }) => action === "archive")).toBe(true);
      });
    },
  );

  faultCase(
    "F20 a full device: keeps the space free that it is told to, and goes on when there is some",
    ["root"],
    async (fault) => {
      const device = join(fault.folder, "device");
      await onDevice(device, "8m", async () => {
        const root = join(device, "tree");
        const logging = {
          ...large,
          retention_policy: { ...large.retention_policy, archive_after_days: 7, min_free_disk: "1MB" },
        };
        const load = { do: "log", count: 2000, padBytes: 800 } as const;
        const run = { do: "run", word: "ran" } as const;
        const steps: readonly ManagingStep[] = [
          load,
          { do: "say", word: "written" },
          { do: "await", word: "full" },
          run,
          { do: "await", word: "some" },
          load,
          run,
          close,
        ];
        const plan = planOf(fault, { root, logging, steps });
        const child = fault.start(plan);
        await child.hear("written");
        const filler = join(device, "filler");
        fill(filler);
        child.tell("full");
        const full = (await child.hear("ran")).report;
        rmSync(filler);
        child.tell("some");
        const some = (await child.hear("ran")).report;
        expect(await child.ended()).toEqual({ code: 0, signal: null });
        const found = await readFound(root);
        const fate = fateOf(found, [plan]);
        fault.tell({
          ...fate,
          damage: fate.damage.length,
          deleted: full?.deleted ?? 0,
          failed: full?.failed ?? 0,
        });
        expect(full?.deleted).toBeGreaterThan(5);
        expect(some?.failed).toBe(0);
        expect(fate).toMatchObject({ ...clean, acknowledged: 4000 });
      });
    },
  );
});
