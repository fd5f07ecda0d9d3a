import { encodePathPart, encodePathPartFolded } from "./path-part.ts";

/** The names of one directory, as far as one process knows them. */
export interface NameTable {
  /**
   * The name of an id in this directory: {@link encodePathPart}, or the form with all letters escaped when a
   * different name that differs in case only is taken. The same id always gets the same name.
   */
  nameFor(id: string): string;
  /**
   * The same for a name that is made of several parts.
   *
   * @param name - wanted. @param alternative - used when `name` meets another under case folding; must meet none.
   */
  claim(name: string, alternative: string): string;
}

/**
 * Keeps names apart that some disks take for one (`Alpha` and `alpha` on Windows and macOS), on every system alike,
 * so that a tree can be copied anywhere.
 *
 * Holds one string per name. Two processes that create two such names in one directory at the same moment do not see
 * each other: one process per container directory is the invariant of the tree.
 *
 * @param existingNames - names in the directory, without the suffix of segments.
 */
export function createNameTable(existingNames: Iterable<string> = []): NameTable {
  const exact = new Set<string>(existingNames);
  const folded = new Set<string>([...exact].map(fold));
  const claim = (name: string, alternative: string): string => {
    if (exact.has(name)) return name;
    // Once the alternative is on disk it stays the name, though the name it evaded may be gone.
    const chosen = exact.has(alternative) || folded.has(fold(name)) ? alternative : name;
    exact.add(chosen);
    folded.add(fold(chosen));
    return chosen;
  };
  return { claim, nameFor: (id) => claim(encodePathPart(id), encodePathPartFolded(id)) };
}

/** Folds ASCII only: names have nothing else, and locale rules (Turkish i) must not matter. */
function fold(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
