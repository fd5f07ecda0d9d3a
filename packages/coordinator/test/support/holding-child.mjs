// A process whose stages hold entries back while it ends in one of many ways. It runs the built package.
// Arguments: the scenario, and the log directory.
import { writeSync } from "node:fs";
import { resolveConfig } from "@waybill/config";
import { openLogManager } from "@waybill/coordinator";

const [scenario, logDir] = process.argv.slice(2);

/** All windows are longer than any test: what is told has been told because of the end. */
const logging = {
  performance: { flushIntervalSeconds: 60, batchSize: 100_000 },
  folding: { enabled: true, windowSeconds: 3600, keepFirst: 10 },
  quotas: { overrides: [{ container: "flooding", linesPerSecond: 10, burstSeconds: 1 }] },
  master: { maxEntriesPerSecond: 20 },
};
const { config } = resolveConfig({ coordinator: { coordinatorId: "child", logDir }, logging });
const stayAlive = () => setInterval(() => undefined, 60_000);

/** 100 entries of each kind that a stage holds back. */
function logAll() {
  const manager = openLogManager({ config });
  const loggerOf = (id) => manager.registerContainer(id).createComponentLogger("x");
  const [identical, alike, flooding] = ["identical", "alike", "flooding"].map(loggerOf);
  for (let n = 0; n < 100; n++) {
    identical.info("same");
    alike.info("tick", { n });
    flooding.info(`entry ${n}`);
  }
  return { manager, identical };
}

const scenarios = {
  end: () => void logAll(),
  exit() {
    logAll();
    process.exit(7);
  },
  throw() {
    logAll();
    setTimeout(() => {
      throw new Error("uncaught");
    });
  },
  wait() {
    logAll();
    stayAlive();
    writeSync(1, "ready\n");
  },
  /** What an exit listener logs comes after everything that could tell it. */
  late() {
    const { identical } = logAll();
    process.on("exit", () => {
      for (let n = 0; n < 100; n++) identical.info("late");
    });
  },
  /** The application listens, and ends only later without an exit listener being run. */
  own() {
    logAll();
    process.on("SIGTERM", () => setTimeout(() => process.kill(process.pid, "SIGKILL"), 3000));
    stayAlive();
    writeSync(1, "ready\n");
  },
};

scenarios[scenario]();
