import { createContainerLogger, createFlightRecorder } from "@waybill/logger";
import type { Writer } from "@waybill/protocols";
import { pino } from "pino";
import { createLogger, transports } from "winston";

/** One call that must not write. */
export interface DisabledCase {
  readonly title: string;
  readonly call: (index: number) => void;
}

/** Every case logs below the level, so a writer that is reached is a mistake. */
const unreachable: Writer = {
  write() {
    throw new Error("a disabled entry was written");
  },
  flush: () => Promise.resolve(),
  flushSync: () => true,
  close: () => Promise.resolve(),
  status() {
    throw new Error("nobody asks");
  },
};

/** DEBUG calls at level INFO, in the forms that users write. */
export function disabledCases(): DisabledCase[] {
  const settings = { containerId: "c", componentName: "x", writer: unreachable, level: "INFO" } as const;
  const logger = createContainerLogger(settings);
  const recorded = createContainerLogger({ ...settings, recorder: createFlightRecorder() });
  const correlationIds = Array.from({ length: 100 }, (_, index) => `trade_${index}`);
  const context = { symbol: "AAPL", strength: 0.8 };
  const pinoLogger = pino({ level: "info" });
  const winstonLogger = createLogger({ level: "info", transports: [new transports.Console()] });
  return [
    { title: "an empty call (subtract in mind)", call: () => undefined },
    {
      title: "**Waybill** `debug(message, context)`",
      call: () => logger.debug("Generating signal", context),
    },
    {
      title: "**Waybill** `debug(message, { … })`, context built for the call",
      call: (index) => logger.debug("Generating signal", { symbol: "AAPL", index }),
    },
    {
      title: "**Waybill** `debug(() => …, () => …)`, lazy",
      call: (index) =>
        logger.debug(
          () => `Generating signal ${index}`,
          () => ({ index }),
        ),
    },
    { title: '**Waybill** `isEnabled("DEBUG")`', call: () => void logger.isEnabled("DEBUG") },
    {
      title: "**Waybill** `debug(message, context)`, kept by a flight recorder",
      call: () => recorded.debug("Generating signal", context),
    },
    {
      title: "**Waybill** the same with a correlation id, one of 100",
      call: (index) =>
        recorded.debug("Generating signal", {
          symbol: "AAPL",
          strength: 0.8,
          correlation_id: correlationIds[index % correlationIds.length],
        }),
    },
    { title: "pino `debug(context, message)`", call: () => pinoLogger.debug(context, "Generating signal") },
    {
      title: "winston `debug(message, context)`",
      call: () => void winstonLogger.debug("Generating signal", context),
    },
  ];
}
