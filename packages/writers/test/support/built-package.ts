import type * as api from "../../src/index.ts";

/** Imports the built package: the worker is a file of that, so a pool of the sources has none. */
export async function importBuilt(): Promise<typeof api> {
  return import(new URL("../../dist/index.js", import.meta.url).href);
}
