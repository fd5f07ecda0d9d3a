import { createContainerLogger } from "@waybill/logger";
import { createWriterPool } from "@waybill/writers";
import type { Contestant, Setup } from "../contestant.ts";
import type { BenchEntry } from "../workload.ts";

/** Ours through its public parts: one logger per component on the writers of one pool. */
export function open({ streams, mode }: Setup): Contestant {
  const pool = createWriterPool();
  const loggers = streams.map(({ containerId, componentName, file }) =>
    createContainerLogger({ containerId, componentName, level: "DEBUG", writer: pool.open(file, { mode }) }),
  );
  return {
    write(entry: BenchEntry): void {
      loggers[entry.stream]?.[entry.level](entry.message, entry.context);
    },
    opened: () => pool.flush(),
    close: () => pool.close(),
  };
}
