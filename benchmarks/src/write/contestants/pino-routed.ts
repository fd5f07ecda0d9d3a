import { pino } from "pino";
import { BufferedFiles } from "../buffered-files.ts";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";
import { pinoOptions } from "../pino-options.ts";

/** One instance with a child per component, its output routed to the files by hand. */
export function open({ streams }: Setup): Contestant {
  const files = new BufferedFiles(streams.map(({ file }) => file));
  let current = 0;
  const root = pino(pinoOptions, { write: (line: string) => files.append(current, line) });
  const children = streams.map(({ containerId, componentName }) =>
    root.child({ container_id: containerId, component_name: componentName }),
  );
  return {
    write(entry) {
      current = entry.stream;
      children[entry.stream]?.[entry.level](fieldsOf(entry), entry.message);
    },
    close: async () => files.close(),
  };
}
