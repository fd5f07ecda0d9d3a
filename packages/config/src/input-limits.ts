/** Bytes of a configuration file; a file with 5,000 containers written one by one takes about one tenth. */
export const maxFileBytes = 4 * 2 ** 20;

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
