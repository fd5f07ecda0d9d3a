/**
 * What is wrong with an archived file or a member of a bundle.
 * - `missing`: listed, but not there.
 * - `unlisted`: there, but not listed. In a tree `recoverArchive` lists it; in a bundle it is foreign.
 * - `changed`: its bytes are not those that were packed.
 * - `damaged`: it cannot be unpacked to its end.
 * - `invalid_lines`: it holds lines that are no entries; found by `deep` only.
 * - `unreadable`: the operating system refused.
 * - `refused`: the bundle as a whole would not be restored; the message says why.
 * - `manifest_damaged`: lines of the manifest are torn or damaged, and were passed over.
 */
export type VerifyProblemCode =
  | "missing"
  | "unlisted"
  | "changed"
  | "damaged"
  | "invalid_lines"
  | "unreadable"
  | "refused"
  | "manifest_damaged";

/** One thing that is wrong. */
export interface VerifyProblem {
  /** From the root of the tree or bundle, with `/`; of `refused` and `manifest_damaged` the file itself. */
  readonly path: string;
  readonly code: VerifyProblemCode;
  readonly message: string;
}

/** What a verification found. */
export interface ArchiveVerification {
  /** Whether there is no problem. */
  readonly ok: boolean;
  /** What was verified: the archived segments of a tree, or one bundle. */
  readonly kind: "tree" | "bundle";
  /** Files that were looked at. */
  readonly files: number;
  /** Bytes of them, compressed where they are. */
  readonly bytes: number;
  /** Entries in them; undefined unless `deep`. */
  readonly entries: number | undefined;
  /** The first 1,000. */
  readonly problems: readonly VerifyProblem[];
  /** All. */
  readonly problemsTotal: number;
}

const problemsMax = 1000;

/** A verification in the making. */
export interface GrowingVerification {
  /** Counts a file that was looked at. */
  addFile(bytes: number, entries: number): void;
  addProblem(problem: VerifyProblem): void;
  end(): ArchiveVerification;
}

/** Makes an empty verification. */
export function createVerification(kind: ArchiveVerification["kind"], isDeep: boolean): GrowingVerification {
  const problems: VerifyProblem[] = [];
  const total = { files: 0, bytes: 0, entries: 0, problemsTotal: 0 };
  return {
    addFile(bytes, entries) {
      total.files += 1;
      total.bytes += bytes;
      total.entries += entries;
    },
    addProblem(problem) {
      total.problemsTotal += 1;
      if (problems.length < problemsMax) problems.push(problem);
    },
    end: () => ({
      ok: total.problemsTotal === 0,
      kind,
      ...total,
      entries: isDeep ? total.entries : undefined,
      problems,
    }),
  };
}
