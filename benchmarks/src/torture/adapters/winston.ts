import { once } from "node:events";
import { join } from "node:path";
import { createLogger, transports } from "winston";
import type { TortureAdapter } from "../adapter.ts";

const fileName = "torture.log";

export const file: TortureAdapter = {
  title: "winston File",
  fileName,
  rotatesBySize: true,
  open({ dir, rotateBytes }) {
    const rotation = rotateBytes === undefined ? {} : { maxsize: rotateBytes };
    const transport = new transports.File({ filename: join(dir, fileName), ...rotation });
    const logger = createLogger({ transports: [transport] });
    return {
      log: (i, pad) => void logger.info("torture", { i, pad }),
      async close() {
        const finished = once(transport, "finish");
        logger.end();
        await finished;
      },
    };
  },
};
