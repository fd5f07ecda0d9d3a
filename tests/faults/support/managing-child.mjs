// A program that manages a log tree: `managing-child.mjs <ManagingPlan as JSON>`, see managing-plan.ts. Into a side file
// it writes `<container> <n>` whenever all entries of a container below `n` are written, by one call each.
import { openSync, writeSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { resolveConfig } from "@waybill/config";
import { openLogManager } from "@waybill/coordinator";

const plan = JSON.parse(process.argv[2]);
const { config } = resolveConfig({
  coordinator: { coordinator_id: `m${plan.run}`, log_dir: plan.root },
  logging: plan.logging,
});
const manager = openLogManager({ config, print: () => undefined });
const acks = openSync(plan.acks, "a");
const next = plan.containers.map(() => plan.from ?? 0);
const loggers = plan.containers.map((id) => manager.registerContainer(id).createComponentLogger("load"));

const send = (message) =>
  new Promise((done) => {
    if (process.connected) process.send(message, () => done());
    else done();
  });

let words = [];
let onWord = () => undefined;
process.on("message", (message) => {
  words.push(message);
  onWord();
});

const steps = {
  async log({ count, perTurn = 20, padBytes = 500 }) {
    const pad = "x".repeat(padBytes);
    for (let done = 0; done < count; done += perTurn) {
      for (let burst = 0; burst < perTurn; burst += 1) {
        for (const [at, logger] of loggers.entries())
          logger.info("work", { n: next[at]++, run: plan.run, pad });
      }
      try {
        await manager.flush();
        for (const [at, id] of plan.containers.entries()) writeSync(acks, `${id} ${next[at]}\n`);
      } catch {
        // Not written yet, and so not noted.
      }
      await turn();
    }
  },
  unregister: ({ container }) =>
    manager.unregisterContainer(plan.containers[container]).catch(() => undefined),
  async run({ word }) {
    const report = await manager.maintenance.run();
    await send({ word, report });
  },
  keepRunning() {
    const again = () => void manager.maintenance.run().then(again, () => undefined);
    again();
  },
  say: ({ word }) => send({ word }),
  async await({ word }) {
    while (!words.includes(word)) {
      await new Promise((done) => {
        onWord = done;
      });
    }
    words = words.filter((other) => other !== word);
  },
  async close() {
    await manager.close().catch(() => undefined);
    process.removeAllListeners("message");
    if (process.connected) process.disconnect();
  },
};

for (const step of plan.steps) await steps[step.do](step);
