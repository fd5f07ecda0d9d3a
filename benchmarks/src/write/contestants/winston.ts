import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { createLogger, format, transports } from "winston";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";

/** One logger and one File transport per file. */
export function open({ streams }: Setup): Contestant {
  const files = streams.map(({ file }) => new transports.File({ filename: file }));
  const loggers = streams.map(({ containerId, componentName }, index) =>
    createLogger({
      level: "debug",
      format: format.combine(format.timestamp(), format.json()),
      defaultMeta: { container_id: containerId, component_name: componentName },
      transports: files.slice(index, index + 1),
    }),
  );
  return {
    write(entry) {
      loggers[entry.stream]?.[entry.level](entry.message, fieldsOf(entry));
    },
    async close() {
      const finished = files.map((file) => once(file, "finish"));
      // Ending a logger ends its transports at once; what it still holds then fails with "write after end".
      while (loggers.some((logger) => logger.readableLength + logger.writableLength > 0))
        await setImmediate();
      for (const logger of loggers) logger.end();
      await Promise.all(finished);
    },
  };
}
