import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import bunyan from "bunyan";
import type { TortureAdapter } from "../adapter.ts";

const fileName = "torture.log";

export const file: TortureAdapter = {
  title: "bunyan",
  fileName,
  rotatesBySize: false,
  open({ dir }) {
    const output = createWriteStream(join(dir, fileName), { flags: "a" });
    const logger = bunyan.createLogger({ name: "torture", streams: [{ stream: output }] });
    return {
      log: (i, pad) => logger.info({ i, pad }, "torture"),
      close() {
        output.end();
        return finished(output);
      },
    };
  },
};
