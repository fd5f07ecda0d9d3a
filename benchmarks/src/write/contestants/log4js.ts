import { promisify } from "node:util";
import log4js from "log4js";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";

/** One category and one file appender per file. */
export function open({ streams }: Setup): Contestant {
  log4js.addLayout(
    "lines",
    () =>
      ({ startTime, level, data, context }) =>
        JSON.stringify({
          timestamp: startTime,
          level: level.levelStr,
          message: data[0],
          ...context,
          ...data[1],
        }),
  );
  const named = streams.map((stream, index) => ({ ...stream, name: `stream${index}` }));
  log4js.configure({
    appenders: Object.fromEntries(
      named.map(({ name, file }) => [name, { type: "file", filename: file, layout: { type: "lines" } }]),
    ),
    categories: Object.fromEntries([
      ["default", { appenders: ["stream0"], level: "off" }],
      ...named.map(({ name }) => [name, { appenders: [name], level: "debug" }]),
    ]),
  });
  const loggers = named.map(({ name, containerId, componentName }) => {
    const logger = log4js.getLogger(name);
    logger.addContext("container_id", containerId);
    logger.addContext("component_name", componentName);
    return logger;
  });
  return {
    write(entry) {
      loggers[entry.stream]?.[entry.level](entry.message, fieldsOf(entry));
    },
    close: () => promisify(log4js.shutdown)(),
  };
}
