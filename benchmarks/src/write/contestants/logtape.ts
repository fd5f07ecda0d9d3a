import { getFileSink } from "@logtape/file";
import { configure, dispose, getJsonLinesFormatter, getLogger, type Sink } from "@logtape/logtape";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";

/** One category and one file sink per file. */
export async function open({ streams }: Setup): Promise<Contestant> {
  const formatter = getJsonLinesFormatter({ properties: "flatten" });
  const sinks: Record<string, Sink> = Object.fromEntries(
    streams.map(({ file }, index) => [`stream${index}`, getFileSink(file, { formatter })]),
  );
  await configure({
    sinks,
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
      ...streams.map(({ containerId, componentName }, index) => ({
        category: [containerId, componentName],
        lowestLevel: "debug" as const,
        sinks: [`stream${index}`],
      })),
    ],
  });
  const loggers = streams.map(({ containerId, componentName }) =>
    getLogger([containerId, componentName]).with({
      container_id: containerId,
      component_name: componentName,
    }),
  );
  return {
    write(entry) {
      loggers[entry.stream]?.[entry.level](entry.message, { ...fieldsOf(entry) });
    },
    close: () => dispose(),
  };
}
