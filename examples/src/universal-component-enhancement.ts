// Universal component enhancement: an own class, an object from a library and a plain function can all log.
//
// None of them knows about logging or inherits anything. You will see each one do its work as before, and then what each
// has logged, read back from the folder of its container.
import { EventEmitter } from "node:events";
import { resolveConfig } from "@waybill/config";
import { addLoggingToAnyComponent, openCoordinator } from "@waybill/coordinator";
import { readEntries } from "@waybill/log-tree";
import { logDirectory } from "./support/log-directory.ts";

const logDir = logDirectory();
const { config } = resolveConfig({
  coordinator: { logDir },
  logging: { logLevels: { containers: "DEBUG" } },
});
const coordinator = openCoordinator({ config, factories: {} });

// Works with your own components …
class MyStrategy {
  generateSignal(closes: readonly number[]): { action: "BUY" | "HOLD"; strength: number } {
    const [first = 0, last = 0] = [closes.at(0), closes.at(-1)];
    return last > first ? { action: "BUY", strength: 0.8 } : { action: "HOLD", strength: 0 };
  }
}

// … with objects from a library …
const feed = new EventEmitter();

// … and with simple functions.
const momentumSignal = (previous: number, close: number): boolean => close / previous - 1 > 0.02;

// All of them gain logging in the same way.
const strategy = addLoggingToAnyComponent(new MyStrategy(), "container_001", "my_strategy");
const loggingFeed = addLoggingToAnyComponent(feed, "container_002", "feed");
const momentum = addLoggingToAnyComponent(momentumSignal, "container_003", "momentum");

const closes = [100, 101, 104];
const signal = strategy.generateSignal(closes);
strategy.logInfo("Generating signal", { action: signal.action, signal_strength: signal.strength });

loggingFeed.on("close", (close: number) => loggingFeed.logDebug("Close arrived", { close }));
for (const close of closes) loggingFeed.emit("close", close);

const rises = momentum(101, 104);
momentum.logWarning("Low volume detected", { rises, volume: 1200 });

console.log(`Signal: ${signal.action}, closes: ${closes.length}, momentum: ${rises}`);
await coordinator.shutdown();

for await (const { entry } of readEntries(logDir, { kinds: ["container"] })) {
  const { containerId, componentName, level, message, context } = entry;
  console.log(`${containerId}/${componentName}.log  ${level}  ${message}`, context);
}
