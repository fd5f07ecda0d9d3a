import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import bunyan from "bunyan";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";

/** One logger and one write stream per file. */
export function open({ streams }: Setup): Contestant {
  const outputs = streams.map(({ file }) => createWriteStream(file, { flags: "a" }));
  const loggers = streams.map(({ containerId, componentName }, index) =>
    bunyan.createLogger({
      name: componentName,
      container_id: containerId,
      component_name: componentName,
      streams: outputs.slice(index, index + 1).map((stream) => ({ level: "debug", stream })),
    }),
  );
  return {
    write(entry) {
      loggers[entry.stream]?.[entry.level](fieldsOf(entry), entry.message);
    },
    async close() {
      for (const output of outputs) output.end();
      await Promise.all(outputs.map((output) => finished(output)));
    },
  };
}
