import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";
import { pinoOptions } from "../pino-options.ts";

/** One stream to a worker, which splits it into the files. */
export async function open({ streams }: Setup): Promise<Contestant> {
  const transport = pino.transport({
    target: fileURLToPath(new URL("../split-stream.js", import.meta.url)),
    options: { streams },
  });
  await once(transport, "ready");
  const root = pino(pinoOptions, transport);
  const children = streams.map(({ containerId, componentName }) =>
    root.child({ container_id: containerId, component_name: componentName }),
  );
  return {
    write(entry) {
      children[entry.stream]?.[entry.level](fieldsOf(entry), entry.message);
    },
    async close() {
      const closed = once(transport, "close");
      transport.end();
      await closed;
    },
  };
}
