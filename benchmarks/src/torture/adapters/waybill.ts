import { join } from "node:path";
import { createContainerLogger } from "@waybill/logger";
import { openFileWriter, type WriterMode } from "@waybill/writers";
import type { TortureAdapter, TortureLogger, TortureSetup } from "../adapter.ts";

const fileName = "torture.log";

function open({ dir, rotateBytes }: TortureSetup, mode: WriterMode): TortureLogger {
  const rotation = rotateBytes === undefined ? {} : { segmentBytesMax: rotateBytes };
  const logger = createContainerLogger({
    containerId: "torture",
    componentName: "torture",
    writer: openFileWriter({ path: join(dir, fileName), mode, ...rotation }),
  });
  return { log: (i, pad) => logger.info("torture", { i, pad }), close: () => logger.close() };
}

export const batched: TortureAdapter = {
  title: "**Waybill**, batched (default)",
  fileName,
  rotatesBySize: true,
  open: (setup) => open(setup, "batched"),
};

export const sync: TortureAdapter = {
  title: "**Waybill**, sync",
  fileName,
  rotatesBySize: true,
  open: (setup) => open(setup, "sync"),
};
