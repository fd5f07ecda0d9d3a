import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes } from "./support/fault-case.ts";

const victimText = "not yours\n";
/** Nobody: root may append to every file. */
const nobody = 65_534;

interface Obstacle {
  readonly name: string;
  readonly place: (file: string, victim: string) => void;
}

const obstacles: readonly Obstacle[] = [
  { name: "a symbolic link", place: (file, victim) => symlinkSync(victim, file) },
  { name: "a dangling symbolic link", place: (file, victim) => symlinkSync(`${victim}-none`, file) },
  { name: "a hard link", place: (file, victim) => linkSync(victim, file) },
  { name: "a pipe", place: (file) => void execFileSync("mkfifo", [file]) },
  { name: "a directory", place: (file) => mkdirSync(file) },
  { name: "a foreign text", place: (file) => writeFileSync(file, "no entry\nat all\n") },
];

async function logInto(
  fault: FaultCase,
  mode: "sync" | "batched" | "durable",
  run: number,
  prepare: (file: string) => void,
) {
  const plan = fault.plan({
    run,
    stream: { mode },
    steps: [
      { do: "log", count: 100, perTurn: 10 },
      { do: "close" },
      { do: "say", word: "closed" },
      { do: "end", how: "natural" },
    ],
  });
  const directory = join(plan.root, "containers/c0");
  mkdirSync(directory, { recursive: true });
  prepare(join(directory, "load.log"));
  const child = fault.start(plan);
  const { status } = await child.hear("closed");
  const ended = await child.ended(10_000);
  return { plan, status, ended };
}

describe.concurrent.each(modes)("F14 obstacles at the path, %s", (mode) => {
  for (const { name, place } of obstacles) {
    faultCase(`F14 ${mode}: ${name} is neither written through nor waited for`, [], async (fault) => {
      const victim = join(fault.folder, "victim");
      writeFileSync(victim, victimText);
      const { plan, ended, status } = await logInto(fault, mode, 0, (file) => place(file, victim));
      const found = await readFound(plan.root);
      const { accepted, lost, duplicates } = balance(readAcknowledgements(plan.acks), found);
      const gaps = found.gapReasons.join(" ") || "none";
      fault.tell({ accepted, lost: lost.length, dropped: status.dropped, gaps });
      expect(readFileSync(victim, "utf8")).toBe(victimText);
      expect({ ended, accepted, lost: lost.length, duplicates, damage: found.damage }).toEqual({
        ended: { code: 0, signal: null },
        accepted: 100,
        lost: 0,
        duplicates: 0,
        damage: [],
      });
    });
  }

  faultCase(`F14 ${mode}: a file of another user is not written to`, ["root"], async (fault) => {
    const plan = fault.plan({
      stream: { mode },
      steps: [
        { do: "log", count: 100, perTurn: 10 },
        { do: "close" },
        { do: "say", word: "closed" },
        { do: "end", how: "natural" },
      ],
    });
    const directory = join(plan.root, "containers/c0");
    mkdirSync(directory, { recursive: true });
    const planted = join(directory, "load.log");
    writeFileSync(planted, "half a line");
    chmodSync(planted, 0o666);
    for (const owned of [fault.folder, directory]) chownSync(owned, nobody, nobody);
    const child = fault.start(plan, { uid: nobody });
    await child.hear("closed");
    expect(await child.ended(10_000)).toEqual({ code: 0, signal: null });
    const [aside = ""] = readdirSync(directory).filter((name) => name.endsWith(".quarantine"));
    expect(readFileSync(join(directory, aside), "utf8")).toBe("half a line");
    expect(statSync(planted).uid).toBe(nobody);
    const { accepted, lost, duplicates } = balance(
      readAcknowledgements(plan.acks),
      await readFound(plan.root),
    );
    fault.tell({ accepted, lost: lost.length });
    expect({ accepted, lost: lost.length, duplicates }).toEqual({ accepted: 100, lost: 0, duplicates: 0 });
  });

  faultCase(`F14 ${mode}: a pipe in the place of the lock is waited for by nobody`, [], async (fault) => {
    const plan = fault.plan({
      stream: { mode },
      steps: [
        { do: "log", count: 100, perTurn: 10 },
        { do: "say", word: "logged" },
        { do: "await", word: "free" },
        { do: "log", count: 100, perTurn: 10 },
        { do: "flush" },
        { do: "close" },
        { do: "say", word: "closed" },
        { do: "end", how: "natural" },
      ],
    });
    const directory = join(plan.root, "containers/c0");
    mkdirSync(directory, { recursive: true });
    const lock = join(directory, ".waybill.lock");
    execFileSync("mkfifo", [lock]);
    const child = fault.start(plan);
    const { status } = await child.hear("logged");
    expect({ queued: status.queued, dropped: status.dropped }).toEqual({ queued: 100, dropped: 0 });
    expect(statSync(lock).isFIFO()).toBe(true);
    unlinkSync(lock);
    child.tell("free");
    await child.hear("closed");
    expect(await child.ended(10_000)).toEqual({ code: 0, signal: null });
    const { accepted, lost, duplicates } = balance(
      readAcknowledgements(plan.acks),
      await readFound(plan.root),
    );
    fault.tell({ accepted, lost: lost.length });
    expect({ accepted, lost: lost.length, duplicates }).toEqual({ accepted: 200, lost: 0, duplicates: 0 });
  });

  for (const [name, tail] of [
    ["a torn tail", '{"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","mess'],
    ["a tail of NUL bytes", "\0".repeat(4096)],
    ["a torn tail with NUL bytes", `{"timestamp":"2026${"\0".repeat(100)}`],
  ] as const) {
    faultCase(`F14 ${mode}: ${name} costs no entry before or behind it, and is told`, [], async (fault) => {
      const first = await logInto(fault, mode, 0, () => undefined);
      const { plan, ended } = await logInto(fault, mode, 1, (file) =>
        writeFileSync(file, tail, { flag: "a" }),
      );
      const found = await readFound(plan.root);
      const acks = readAcknowledgements(first.plan.acks, plan.acks);
      const { accepted, lost, duplicates } = balance(acks, found);
      fault.tell({ accepted, lost: lost.length, gaps: found.gapReasons.join(" ") || "none" });
      expect({
        ended,
        accepted,
        lost: lost.length,
        duplicates,
        damage: found.damage,
        gaps: found.gapReasons,
      }).toEqual({
        ended: { code: 0, signal: null },
        accepted: 200,
        lost: 0,
        duplicates: 0,
        damage: [],
        gaps: ["torn"],
      });
    });
  }
});
