import { once } from "node:events";
import { join } from "node:path";
import { pino } from "pino";
import type { TortureAdapter, TortureLogger, TortureSetup } from "../adapter.ts";

const fileName = "torture.log";

function open({ dir }: TortureSetup, sync: boolean): TortureLogger {
  const destination = pino.destination({ dest: join(dir, fileName), sync });
  const logger = pino(destination);
  return {
    log: (i, pad) => logger.info({ i, pad }, "torture"),
    async close() {
      const closed = once(destination, "close");
      destination.end();
      await closed;
    },
  };
}

export const sync: TortureAdapter = {
  title: "pino `sync: true`",
  fileName,
  rotatesBySize: false,
  open: (setup) => open(setup, true),
};

export const async: TortureAdapter = {
  title: "pino `sync: false`",
  fileName,
  rotatesBySize: false,
  open: (setup) => open(setup, false),
};

export const transport: TortureAdapter = {
  title: "pino transport `pino/file`",
  fileName,
  rotatesBySize: false,
  open({ dir }) {
    const worker = pino.transport({ target: "pino/file", options: { destination: join(dir, fileName) } });
    const logger = pino(worker);
    return {
      log: (i, pad) => logger.info({ i, pad }, "torture"),
      async close() {
        const closed = once(worker, "close");
        worker.end();
        await closed;
      },
    };
  },
};
