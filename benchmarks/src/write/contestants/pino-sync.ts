import { once } from "node:events";
import { type DestinationStream, pino } from "pino";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";
import { pinoOptions } from "../pino-options.ts";

/** One synchronous destination per file: pino's default. */
export function open(setup: Setup): Contestant {
  return openDestinations(setup, { sync: true });
}

/** One instance and one destination per file. */
export function openDestinations(
  { streams }: Setup,
  options: { sync: boolean; minLength?: number },
): Contestant {
  const destinations = streams.map(({ file }) => pino.destination({ dest: file, ...options }));
  const loggers = streams.map(({ containerId, componentName }, index) =>
    pino(
      { ...pinoOptions, base: { container_id: containerId, component_name: componentName } },
      destinations[index] as DestinationStream,
    ),
  );
  return {
    write(entry) {
      loggers[entry.stream]?.[entry.level](fieldsOf(entry), entry.message);
    },
    async close() {
      const closed = destinations.map((destination) => once(destination, "close"));
      for (const destination of destinations) destination.end();
      await Promise.all(closed);
    },
  };
}
