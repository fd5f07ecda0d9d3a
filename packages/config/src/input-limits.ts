/** Bytes of a configuration file; 10,000 containers written one by one take about a third. */
export const maxFileBytes = 4 * 2 ** 20;

/**
 * Words and signs of YAML in one file. Reading costs by them, not by bytes: 1 to 5 µs each, so that 4 MiB of text took
 * 5 s, and 4 MiB of nothing but colons 20 s. 10,000 containers written one by one, with level, components and one
 * setting, have 570,000.
 */
export const maxTokens = 700_000;

/** Maps and lists inside each other. The schema needs 6; the rest is for `settings`. */
export const maxDepth = 40;

/** Keys and values in all, after aliases are expanded: what an alias bomb runs into. */
export const maxNodes = 500_000;

/** Ends a walk that has passed {@link maxNodes}: the rest of the tree is not worth its memory. */
export class TooManyNodes extends Error {}

/** Containers after `instances` is expanded. */
export const maxContainers = 10_000;

/** Keys that mean the prototype of an object to careless code, ours or a factory's. */
export const reservedKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
