import { join } from "node:path";
import { getFileSink, getRotatingFileSink } from "@logtape/file";
import { configure, dispose, getJsonLinesFormatter, getLogger, type Sink } from "@logtape/logtape";
import type { TortureAdapter, TortureLogger, TortureSetup } from "../adapter.ts";

const fileName = "torture.log";

async function open({ dir, rotateBytes }: TortureSetup, nonBlocking: boolean): Promise<TortureLogger> {
  const path = join(dir, fileName);
  const formatter = getJsonLinesFormatter({ properties: "flatten" });
  const file: Sink =
    rotateBytes === undefined
      ? getFileSink(path, { formatter, nonBlocking: nonBlocking as true })
      : getRotatingFileSink(path, {
          formatter,
          maxSize: rotateBytes,
          maxFiles: 1000,
          nonBlocking: nonBlocking as true,
        });
  await configure({
    sinks: { file },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
      { category: "torture", lowestLevel: "info", sinks: ["file"] },
    ],
  });
  const logger = getLogger("torture");
  return { log: (i, pad) => logger.info("torture", { i, pad }), close: () => dispose() };
}

export const blocking: TortureAdapter = {
  title: "LogTape file",
  fileName,
  rotatesBySize: true,
  open: (setup) => open(setup, false),
};

export const nonBlocking: TortureAdapter = {
  title: "LogTape file, `nonBlocking`",
  fileName,
  rotatesBySize: true,
  open: (setup) => open(setup, true),
};
