import { hostileObjects } from "./hostile-objects.ts";
import { hostileTexts } from "./hostile-texts.ts";

/** A context that somebody will log one day. */
export interface HostileValue {
  /** Names the danger, for the name of a test. */
  readonly label: string;
  /** Builds it anew: some are large, and some change when they are read. */
  create(): Readonly<Record<string, unknown>>;
}

/**
 * Contexts that must neither throw nor hang nor forge a line: each gives exactly one valid entry.
 *
 * What stands in them is free to be cut or marked by whoever writes it.
 */
export const hostileValues: readonly HostileValue[] = [...hostileObjects, ...hostileTexts];
