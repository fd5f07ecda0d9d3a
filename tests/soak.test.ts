import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../benchmarks/dist/soak/main.js", import.meta.url));
const mb = 1_048_576;
const limitBytes = 10 * mb;
const segmentBytes = 32 * 1024;

/** What the test looks at of what the program prints. */
interface Report {
  readonly entries: number;
  readonly writers: Readonly<Record<"accepted" | "written" | "dropped" | "queued", number>>;
  readonly footprints: readonly { readonly rssMb: number; readonly descriptors: number | undefined }[];
  readonly maintenance: { readonly deleted: number; readonly failedRuns: number };
}

interface Result {
  readonly unlimited: Report;
  readonly limited: Report;
  readonly sampled: {
    readonly report: Report;
    readonly sizes: { readonly samples: number; readonly largestBytes: number };
    readonly conservation: { readonly streams: number; readonly contradictions: number };
  };
}

let result: Result;

beforeAll(async () => {
  const args = ["--offered", "60mb", "--compared", "15mb", "--limit", "10mb", "--segment", "32kb"];
  const shape = ["--containers", "50", "--sample-ms", "50", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, ...shape]);
  result = JSON.parse(stdout) as Result;
});

describe("an application that offers six times as much as its tree may take", () => {
  test("finds the tree within its limit and one segment whenever it is looked at", () => {
    const { samples, largestBytes } = result.sampled.sizes;
    expect(samples).toBeGreaterThan(10);
    expect(largestBytes).toBeGreaterThan(limitBytes / 2);
    expect(largestBytes).toBeLessThanOrEqual(limitBytes + segmentBytes);
  });

  test("finds every entry written or counted as dropped, and gap records that agree with what is there", () => {
    const reports = [result.unlimited, result.limited, result.sampled.report];
    const unaccounted = reports.map(
      ({ writers: { accepted, written, dropped, queued } }) => accepted - written - dropped - queued,
    );
    expect(unaccounted).toEqual([0, 0, 0]);
    expect(reports.every(({ entries, writers }) => writers.accepted >= entries)).toBe(true);
    expect(result.sampled.conservation).toMatchObject({ streams: 50, contradictions: 0 });
  });

  test("has old segments deleted by runs of which none failed", () => {
    const { deleted, failedRuns } = result.sampled.report.maintenance;
    expect(deleted).toBeGreaterThan(500);
    expect(failedRuns).toBe(0);
  });

  test("takes no more descriptors in the end than one for each stream, and some", () => {
    const counts = result.sampled.report.footprints.map(({ descriptors }) => descriptors ?? 0);
    expect(counts).toHaveLength(3);
    expect(Math.max(...counts)).toBeLessThan(150);
  });
});
