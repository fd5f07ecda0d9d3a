import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";

/** Limit: `JSON.stringify` of each entry and no output at all. */
export function open({ streams }: Setup): Contestant {
  let units = 0;
  return {
    write(entry) {
      const stream = streams[entry.stream];
      const line = JSON.stringify({
        timestamp: new Date().toISOString(),
        level: entry.level,
        message: entry.message,
        container_id: stream?.containerId,
        component_name: stream?.componentName,
        ...fieldsOf(entry),
      });
      units += line.length;
    },
    async close() {
      // Uses the result, so that the work cannot be optimised away.
      if (units === 0) throw new Error("nothing was serialised");
    },
  };
}
