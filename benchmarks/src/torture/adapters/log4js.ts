import { join } from "node:path";
import { promisify } from "node:util";
import log4js from "log4js";
import type { TortureAdapter } from "../adapter.ts";

const fileName = "torture.log";

export const file: TortureAdapter = {
  title: "log4js file",
  fileName,
  rotatesBySize: true,
  open({ dir, rotateBytes }) {
    log4js.addLayout(
      "lines",
      () =>
        ({ level, data }) =>
          JSON.stringify({ level: level.levelStr, ...data[0] }),
    );
    const rotation = rotateBytes === undefined ? {} : { maxLogSize: rotateBytes, backups: 1000 };
    const appender = { type: "file", filename: join(dir, fileName), layout: { type: "lines" }, ...rotation };
    log4js.configure({
      appenders: { file: appender },
      categories: { default: { appenders: ["file"], level: "info" } },
    });
    const logger = log4js.getLogger();
    return { log: (i, pad) => logger.info({ i, pad }), close: () => promisify(log4js.shutdown)() };
  },
};
