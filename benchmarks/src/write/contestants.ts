import type { OpenContestant } from "./contestant.ts";

/** One row of the table. */
export interface ContestantInfo {
  readonly title: string;
  /** Whether it only shows what is possible: it need not write every line. */
  readonly isLimit: boolean;
  /** Share of the entries that it is given: slow ones would otherwise take the whole time. */
  readonly share: number;
  readonly load: () => Promise<{ readonly open: OpenContestant }>;
}

const peer = (title: string, load: ContestantInfo["load"], share = 1): ContestantInfo => ({
  title,
  isLimit: false,
  share,
  load,
});
const limit = (title: string, load: ContestantInfo["load"]): ContestantInfo => ({
  title,
  isLimit: true,
  share: 1,
  load,
});

/** The name under which all others are compared. */
export const ours = "waybill";

/** All contestants by the name of `--only`, in the order of the table. */
export const contestants: Readonly<Record<string, ContestantInfo>> = {
  [ours]: peer("**Waybill**", () => import("./contestants/waybill.ts")),
  "pino-sync": peer("pino, one sync destination per file", () => import("./contestants/pino-sync.ts"), 0.5),
  "pino-async": peer(
    "pino, one async destination per file",
    () => import("./contestants/pino-async.ts"),
    0.5,
  ),
  "pino-worker": peer("pino, one stream split by a worker", () => import("./contestants/pino-worker.ts")),
  "pino-routed": peer("pino, one instance, own routing", () => import("./contestants/pino-routed.ts")),
  winston: peer("winston", () => import("./contestants/winston.ts"), 0.25),
  log4js: peer("log4js", () => import("./contestants/log4js.ts"), 0.25),
  bunyan: peer("bunyan", () => import("./contestants/bunyan.ts"), 0.5),
  logtape: peer("LogTape", () => import("./contestants/logtape.ts"), 0.5),
  roarr: peer("roarr, own routing", () => import("./contestants/roarr.ts")),
  stringify: limit(
    "limit: `JSON.stringify` alone, no output",
    () => import("./contestants/limit-stringify.ts"),
  ),
  bytes: limit("limit: ready bytes in large writes", () => import("./contestants/limit-bytes.ts")),
  generator: limit("limit: making the entries alone", () => import("./contestants/limit-generator.ts")),
};

/** What a run under `--fan-out` loads for us: there the fan-out is the product's own. */
export const oursWithFanOut: ContestantInfo["load"] = () => import("./contestants/waybill-fan-out.ts");
