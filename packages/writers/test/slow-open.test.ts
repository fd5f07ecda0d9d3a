import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { importBuilt } from "./support/built-package.ts";
import { entryOf } from "./support/stream-subject.ts";

// The worker is a file of the built package, so this test runs that.
const { createWriterPool } = await importBuilt();

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-slow-open-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("a stream that takes long to open is not begun anew for ever while others go on", {
  timeout: 30_000,
}, async () => {
  mkdirSync(path.join(directory, "slow"));
  // To find the last entry of a sealed segment that holds none takes about a second.
  const foreign = path.join(directory, "slow", "app.20260101T000000000Z-000001.log");
  writeFileSync(foreign, "{ no entry }\n".repeat(120_000));
  const pool = createWriterPool();
  const slow = pool.open(path.join(directory, "slow", "app.log"));
  const others = [1, 2, 3].map((n) => pool.open(path.join(directory, `c${n}`, "app.log")));
  slow.write(entryOf(1));
  for (const other of others) other.write(entryOf(1));
  await Promise.all([...others, slow].map((writer) => writer.flush()));
  expect([slow, ...others].map((writer) => writer.status().written)).toEqual([1, 1, 1, 1]);
  await pool.close();
});
