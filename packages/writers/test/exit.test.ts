import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/exit-child.mjs");
const killed = path.join(root, "test/support/kill-child.mjs");
const dist = path.join(root, "dist/index.js");

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-exit-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Whether a file holds entries 1 to 1,000, each once and whole. */
function isComplete(file: string): boolean {
  if (!existsSync(file)) return false;
  const numbers = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { context: { n: number } }).context.n);
  return numbers.length === 1000 && numbers.every((n, index) => n === index + 1);
}

function end(way: string, copies: readonly string[] = [dist]) {
  const urls = copies.map((copy) => pathToFileURL(copy).href).join(",");
  const { status, signal } = spawnSync(process.execPath, [child, urls, way, directory], { timeout: 20_000 });
  const isWhole = copies.map((_, index) => isComplete(path.join(directory, String(index), "app.log")));
  return { status, signal, isWhole };
}

/** A second copy of the built package, as two versions in one node_modules tree would be. */
function copyOfPackage(): string {
  const copy = path.join(directory, "copy");
  mkdirSync(path.join(copy, "node_modules/@waybill"), { recursive: true });
  cpSync(path.join(root, "dist"), path.join(copy, "dist"), { recursive: true });
  cpSync(path.join(root, "package.json"), path.join(copy, "package.json"));
  for (const name of ["protocols", "log-tree"]) {
    symlinkSync(
      realpathSync(path.join(root, "node_modules/@waybill", name)),
      path.join(copy, "node_modules/@waybill", name),
    );
  }
  return path.join(copy, "dist/index.js");
}

describe("1,000 entries in batched mode at the end of a process", () => {
  it.each([
    ["natural", 0, null],
    ["exit", 3, null],
    ["throw", 1, null],
    ["reject", 1, null],
    ["sigterm", null, "SIGTERM"],
    ["sigint", null, "SIGINT"],
    ["own", 7, null],
    ["earlierOnce", 7, null],
    ["earlierThrow", 1, null],
    ["earlierExit", 3, null],
    ["firstInExit", 0, null],
  ])("are all there, and the process ends as without us: %s", (way, status, signal) => {
    expect(end(way)).toEqual({ status, signal, isWhole: [true] });
  });

  it("include those that the application logs in its own exit listener", () => {
    expect(end("late")).toEqual({ status: 0, signal: null, isWhole: [true] });
    expect(isComplete(path.join(directory, "late", "app.log"))).toBe(true);
  });

  it.each([
    ["sigterm", null, "SIGTERM"],
    ["exit", 3, null],
  ])("are all there with two copies of the package in the process: %s", (way, status, signal) => {
    expect(end(way, [dist, copyOfPackage()])).toEqual({ status, signal, isWhole: [true, true] });
  });
});

describe("SIGKILL in batched mode", () => {
  it("loses at most the entries of the flush interval, and tears no line that shows", async () => {
    const file = path.join(directory, "app.log");
    const process_ = spawn(process.execPath, [killed, pathToFileURL(dist).href, file]);
    let told = "";
    process_.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString("latin1");
      if (told.split("\n").length > 400) process_.kill("SIGKILL");
    });
    await new Promise((resolve) => process_.on("close", resolve));
    const logged = told
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ").map(Number));
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    const last = (JSON.parse(lines.at(-1) ?? "{}") as { context: { n: number } }).context.n;
    const firstLost = logged.find(([n]) => (n ?? 0) > last);
    const lostForMs = firstLost === undefined ? 0 : (logged.at(-1)?.[1] ?? 0) - (firstLost[1] ?? 0);
    // The interval, and what a loaded machine adds to a timer.
    expect(lostForMs).toBeLessThan(50 + 100);
    expect(lines.length).toBe(last);
  });
});
