/**
 * The parts of the file that are checked, and that nothing acts on in this release: a file can be written for them now.
 *
 * The one place of this knowledge. Whoever wires a part removes its line here and its name from the README, which a
 * test compares, and writes the JSON Schema anew.
 */
export const pendingPaths: readonly string[] = [
  "logging.retention_policy",
  "logging.monitoring",
  "logging.maintenance",
  "logging.flight_recorder",
  "logging.quotas",
  "logging.folding",
  "logging.master.max_entries_per_second",
];

/** The description of a part, with the remark that nothing acts on it where that is so. */
export function describePart(path: string, description: string): string {
  return pendingPaths.includes(path)
    ? `${description} In this release only checked: nothing acts on it yet.`
    : description;
}
