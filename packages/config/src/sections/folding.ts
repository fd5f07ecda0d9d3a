import type { Level } from "@waybill/protocols";
import type { z } from "zod";
import type { ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { flag, integer, level, quantity, quantityText, section } from "../schema-leaf.ts";

const path = ["logging", "folding"];
const window = { min: 0.1, max: 3600 };

/** `logging.folding` of the file. */
export const foldingSchema = section(
  "What is done with entries of one component that have the same level and message: they are counted, and the count is written. Those that are identical and follow each other are written once with their count from the second on.",
  {
    enabled: flag("Whether repeated entries are folded.", defaults.folding_enabled),
    window_seconds: quantity("Seconds within which entries count as repeated.", "seconds", {
      ...window,
      default: defaults.folding_window_seconds,
    }),
    window: quantityText("window_seconds", "seconds", window),
    keep_first: integer("Entries of a window that are written before the rest is folded.", {
      min: 1,
      max: 1_000_000,
      default: defaults.keep_first,
    }),
    keep_every: integer("One in so many of the rest is written as a sample. Default: none of it.", {
      min: 1,
      max: 1_000_000,
    }),
    max_level: level("The most severe level that is folded.", defaults.folding_max_level),
    messages_max: integer("Messages of one component that are told apart; others are written as they come.", {
      min: 1,
      max: 100_000,
      default: defaults.folding_messages_max,
    }),
  },
);

/** What is done with entries of one component that have the same level and message. */
export interface FoldingConfig {
  /** Default false: every entry is written. */
  readonly enabled: boolean;
  /** Seconds within which entries count as repeated, 0.1 to 3600. Default 10. */
  readonly windowSeconds: number;
  /** Entries of a window that are written before the rest is folded, 1 to 1000000. Default 5. */
  readonly keepFirst: number;
  /** One in so many of the rest is written as a sample, 1 to 1000000. Undefined (default) = none. */
  readonly keepEvery: number | undefined;
  /** The most severe level that is folded. Default WARNING. */
  readonly maxLevel: Level;
  /** Messages of one component that are told apart, 1 to 100000. Default 256. */
  readonly messagesMax: number;
}

/** Fills in the defaults of `logging.folding`. */
export function resolveFolding(given: z.output<typeof foldingSchema>, report: ConfigReport): FoldingConfig {
  const file = given ?? {};
  const { window_seconds, window: windowText } = file;
  return {
    enabled: file.enabled ?? defaults.folding_enabled,
    windowSeconds:
      oneOf(report, path, { window_seconds, window: windowText }) ?? defaults.folding_window_seconds,
    keepFirst: file.keep_first ?? defaults.keep_first,
    keepEvery: file.keep_every,
    maxLevel: file.max_level ?? defaults.folding_max_level,
    messagesMax: file.messages_max ?? defaults.folding_messages_max,
  };
}
