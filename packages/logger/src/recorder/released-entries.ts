import type { EntryInput } from "@waybill/protocols";

/**
 * Entries that a recorder has released, known by identity: to read a mark in their context would be to read contexts
 * of callers too, whose getters may do anything.
 */
const releasedEntries = new WeakSet<EntryInput>();

export function rememberReleased(entry: EntryInput): EntryInput {
  releasedEntries.add(entry);
  return entry;
}

/** Whether an error had a recorder write this entry, so that nothing of it should be left out. */
export function isReleased(entry: EntryInput): boolean {
  return releasedEntries.has(entry);
}
