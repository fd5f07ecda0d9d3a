import type { ResolvedStreamOptions } from "../writer-options.ts";

/** The options of a stream as its worker has them. */
export function optionsForWorker(options: ResolvedStreamOptions): ResolvedStreamOptions {
  // A worker that waited for room would keep all its streams waiting: that is done in the thread that logs.
  return { ...options, overflow: options.overflow === "block" ? "drop_lowest_level" : options.overflow };
}

/** As the bytes of a `configure` request, so that they reach the worker between the lines before and those behind. */
export function encodeOptions(options: ResolvedStreamOptions): Uint8Array {
  return Buffer.from(JSON.stringify(optionsForWorker(options)));
}

/** @param bytes - in shared memory: they are copied. */
export function decodeOptions(bytes: Uint8Array): ResolvedStreamOptions {
  const options: ResolvedStreamOptions = JSON.parse(Buffer.from(bytes).toString());
  return options;
}
