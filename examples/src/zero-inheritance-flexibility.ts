// Zero inheritance: whatever a component is and wherever it comes from, it stays what it was.
//
// An instance with private fields, a frozen object, a library's class and a function of the language all gain logging.
// You will see that each is still the same to the code that uses it, and that a member it had already is never replaced.
import { loggingOf, targetOf } from "@waybill/capabilities";
import { resolveConfig } from "@waybill/config";
import { addLoggingToAnyComponent, openCoordinator } from "@waybill/coordinator";
import { logDirectory } from "./support/log-directory.ts";

class MyStrategy {
  readonly #position: number;

  constructor(position: number) {
    this.#position = position;
  }

  get exposure(): number {
    return this.#position * 2;
  }
}

const { config } = resolveConfig({ coordinator: { logDir: logDirectory() } });
const coordinator = openCoordinator({ config, factories: {} });

const own = new MyStrategy(50);
const strategy = addLoggingToAnyComponent(own, "c1", "strategy");
strategy.logInfo("Private fields work", { exposure: strategy.exposure });

const limits = addLoggingToAnyComponent(Object.freeze({ shares: 1000 }), "c2", "limits");
limits.logInfo("Frozen stays frozen", { frozen: Object.isFrozen(limits) });

const external = addLoggingToAnyComponent(new Intl.NumberFormat("en", { style: "percent" }), "c3", "library");
external.logInfo("A library's object works", { formatted: external.format(0.02) });

const highest = addLoggingToAnyComponent(Math.max, "c4", "function");
highest.logInfo("A function is still called", { highest: highest(3, 1, 4) });

// A component may have a `log` of its own: it stays, and ours is found beside it.
const notes: string[] = [];
const keeper = addLoggingToAnyComponent({ log: (note: string) => notes.push(note) }, "c5", "keeper");
keeper.log("kept for itself");
loggingOf(keeper).log("INFO", "Own members stay", { notes: notes.length });

console.log(`instanceof: ${strategy instanceof MyStrategy}, ${external instanceof Intl.NumberFormat}`);
console.log(`typeof: ${typeof highest}, keys: ${Object.keys(limits).join()}`);
console.log(`untouched: ${targetOf(strategy) === own}, ${!("logInfo" in own)}`);
await coordinator.shutdown();
