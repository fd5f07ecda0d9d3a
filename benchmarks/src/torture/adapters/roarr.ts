import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { TortureAdapter } from "../adapter.ts";

const fileName = "torture.log";

export const stream: TortureAdapter = {
  title: "roarr to a write stream",
  fileName,
  rotatesBySize: false,
  async open({ dir }) {
    // Read when the module loads.
    process.env["ROARR_LOG"] = "true";
    const { ROARR, Roarr } = await import("roarr");
    const output = createWriteStream(join(dir, fileName), { flags: "a" });
    ROARR.write = (line) => void output.write(`${line}\n`);
    return {
      log: (i, pad) => Roarr.info({ i, pad }, "torture"),
      close() {
        output.end();
        return finished(output);
      },
    };
  },
};
