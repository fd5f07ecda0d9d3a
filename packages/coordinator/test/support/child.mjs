// A process that logs and ends in one of many ways. It runs the built package, as users get it.
// Arguments: the scenario, and the log directory.
import { writeSync } from "node:fs";
import { resolveConfig } from "@waybill/config";
import { addLoggingToAnyComponent, openCoordinator, openLogManager } from "@waybill/coordinator";

const [scenario, logDir] = process.argv.slice(2);
const entries = 1000;

/** Longer than any test: what is written has been flushed, and not because the interval was over. */
const performance = { flush_interval_seconds: 60, batch_size: 100_000 };
const configOf = (directory) =>
  resolveConfig({ coordinator: { coordinatorId: "child", logDir: directory }, logging: { performance } })
    .config;

const say = (word) => writeSync(1, `${word}\n`);
const stayAlive = () => setInterval(() => undefined, 60_000);

function open(factories = {}, options = {}) {
  return openCoordinator({
    config: configOf(logDir),
    factories: { plain: () => ({}), ...factories },
    ...options,
  });
}

async function logAll(coordinator) {
  await coordinator.createContainer("a", { type: "plain" });
  const logger = coordinator.containerLogRegistries.get("a").createComponentLogger("x");
  for (let index = 0; index < entries; index++) logger.info(`entry ${index}`);
  return logger;
}

const scenarios = {
  async end() {
    await logAll(open());
  },
  async exit() {
    await logAll(open());
    process.exit(7);
  },
  async throw() {
    await logAll(open());
    setTimeout(() => {
      throw new Error("uncaught");
    });
  },
  async reject() {
    await logAll(open());
    void Promise.reject(new Error("unhandled"));
  },
  async wait() {
    await logAll(open());
    stayAlive();
    say("ready");
  },
  /** Another pool of writers and a second coordinator must not keep the process from ending. */
  async crowd() {
    await logAll(open());
    openLogManager({ config: configOf(`${logDir}-2`) }).systemLogger.info("other manager");
    openCoordinator({ config: configOf(`${logDir}-3`), factories: {} }).logger.info("other coordinator");
    stayAlive();
    say("ready");
  },
  async hang() {
    const hanging = () => ({ shutdown: () => new Promise(() => say("draining")) });
    const coordinator = open({ hanging }, { shutdownDeadlineMs: 600_000 });
    await logAll(coordinator);
    await coordinator.createContainer("b", { type: "hanging" });
    stayAlive();
    say("ready");
  },
  /** Nothing but the coordinator keeps this process alive until the deadline. */
  async deadline() {
    const coordinator = open(
      { hanging: () => ({ shutdown: () => new Promise(() => undefined) }) },
      { shutdownDeadlineMs: 50 },
    );
    await coordinator.createContainer("b", { type: "hanging" });
    await coordinator.shutdown();
    say("shut down");
  },
  async own() {
    let coordinator;
    // Before the coordinator, and gone as soon as it is called: the listener that is the easiest to overlook.
    process.once("SIGTERM", () => {
      setTimeout(async () => {
        coordinator.containerLogRegistries.get("a").createComponentLogger("x").info("goodbye");
        await coordinator.shutdown();
        process.exit(9);
      }, 50);
    });
    coordinator = open();
    await logAll(coordinator);
    stayAlive();
    say("ready");
  },
  async default() {
    const component = addLoggingToAnyComponent(() => "works", "a", "x");
    for (let index = 0; index < entries; index++) component.logInfo(`entry ${index}`);
    stayAlive();
    say(`ready ${component()}`);
  },
  /** Nobody reads stderr, and the disk is broken: neither is the application's fault. */
  async stderr() {
    const coordinator = open();
    process.stdin.on("data", () => {
      coordinator.logManager
        .registerContainer("blocked")
        .createComponentLogger("x")
        .error("cannot be written");
      setTimeout(() => {
        say("alive");
        process.exit(0);
      }, 50);
    });
    say("ready");
  },
};

await scenarios[scenario]();
