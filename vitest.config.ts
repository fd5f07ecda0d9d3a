import { configDefaults, defineConfig } from "vitest/config";

/** Workspace packages resolve to their TypeScript sources, so unit tests need no build and coverage maps right. */
const conditions = ["@waybill/source", "module", "node", "development|production"];

/**
 * What kills, hangs or enumerates for many seconds, and is asked again with every landing: `.ci/run` sets
 * `WAYBILL_ALL_TESTS`. `npm test` answers in the time of a coffee.
 */
const patient = [
  "packages/archive/test/{archive-kill,event-loop}.test.ts",
  "packages/monitor/test/prometheus-programs.test.ts",
  "packages/retention/test/{kill,property/years.prop}.test.ts",
  "packages/writers/test/{idle-close,odd-entries,reconfigured-worker,reopened,seal-in-worker,slow-open,takeover}.test.ts",
  "packages/writers/test/property/durable-model.prop.test.ts",
  "tests/faults/{f15,f20}*.test.ts",
  "{apps/*/test,tests}/soak.test.ts",
];
const passedOver = process.env["WAYBILL_ALL_TESTS"] === undefined ? patient : [];

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    exclude: [...configDefaults.exclude, ...passedOver],
    coverage: { include: ["packages/*/src/**"] },
    projects: [
      {
        extends: true,
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name: "unit",
          include: [
            "{packages,apps,tooling}/*/src/**/*.test.ts",
            "{packages,tooling}/*/test/**/*.test.ts",
            "benchmarks/src/**/*.test.ts",
          ],
          benchmark: { include: [] },
          pool: "threads",
          // One module graph per worker: the cost of a suite is transform and import, not the tests.
          isolate: false,
          // Vitest leaves one of two cores idle. What is timed, the e2e tests, runs alone and afterwards.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["tests/**/*.test.ts", "apps/*/test/**/*.test.ts", "examples/test/**/*.test.ts"],
          benchmark: { include: [] },
          pool: "forks",
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
