import { BufferedFiles } from "../buffered-files.ts";
import type { Contestant, Setup } from "../contestant.ts";
import { fieldsOf } from "../entry-fields.ts";

/** One instance with a child per component, its one output routed to the files by hand. */
export async function open({ streams }: Setup): Promise<Contestant> {
  // Read when the module loads.
  process.env["ROARR_LOG"] = "true";
  const { ROARR, Roarr } = await import("roarr");
  const files = new BufferedFiles(streams.map(({ file }) => file));
  let current = 0;
  ROARR.write = (line) => files.append(current, `${line}\n`);
  const children = streams.map(({ containerId, componentName }) =>
    Roarr.child({ container_id: containerId, component_name: componentName }),
  );
  return {
    write(entry) {
      current = entry.stream;
      children[entry.stream]?.[entry.level]({ ...fieldsOf(entry) } as never, entry.message);
    },
    close: async () => files.close(),
  };
}
