import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { TortureAdapter } from "./adapter.ts";

type Load = () => Promise<TortureAdapter>;

/** The rows of the table, ours first. */
const adapters: Readonly<Record<string, Load>> = {
  waybill: async () => (await import("./adapters/waybill.ts")).batched,
  "waybill-sync": async () => (await import("./adapters/waybill.ts")).sync,
  "pino-sync": async () => (await import("./adapters/pino.ts")).sync,
  "pino-async": async () => (await import("./adapters/pino.ts")).async,
  "pino-transport": async () => (await import("./adapters/pino.ts")).transport,
  winston: async () => (await import("./adapters/winston.ts")).file,
  log4js: async () => (await import("./adapters/log4js.ts")).file,
  bunyan: async () => (await import("./adapters/bunyan.ts")).file,
  logtape: async () => (await import("./adapters/logtape.ts")).blocking,
  "logtape-non-blocking": async () => (await import("./adapters/logtape.ts")).nonBlocking,
  roarr: async () => (await import("./adapters/roarr.ts")).stream,
};

/** Names for `--only`. */
export const adapterNames: readonly string[] = Object.keys(adapters);

/**
 * The adapter of a name, or of the path of a module that exports one as `adapter`.
 *
 * @throws {Error} when the module exports none.
 */
export async function loadAdapter(nameOrPath: string): Promise<TortureAdapter> {
  const known = Object.hasOwn(adapters, nameOrPath) ? adapters[nameOrPath] : undefined;
  if (known !== undefined) return known();
  const module: { readonly adapter?: TortureAdapter } = await import(pathToFileURL(resolve(nameOrPath)).href);
  if (typeof module.adapter?.open !== "function")
    throw new Error(`${nameOrPath} exports no "adapter" with open()`);
  return module.adapter;
}
