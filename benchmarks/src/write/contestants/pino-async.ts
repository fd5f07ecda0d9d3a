import type { Contestant, Setup } from "../contestant.ts";
import { openDestinations } from "./pino-sync.ts";

/** One asynchronous destination per file, with the buffer of 4 KiB that pino's documentation advises. */
export function open(setup: Setup): Contestant {
  return openDestinations(setup, { sync: false, minLength: 4096 });
}
