/** What a logger is opened with. */
export interface TortureSetup {
  /** Existing directory for everything it writes. */
  readonly dir: string;
  /** Bytes at which a file is to be rotated; undefined = no rotation is wanted. */
  readonly rotateBytes: number | undefined;
}

/** A logger under torture. */
export interface TortureLogger {
  /** Logs one entry at INFO with the field `i` somewhere in it, and `pad` as another. */
  log(i: number, pad: string): void;
  close(): Promise<void>;
}

/**
 * What a module exports to be tortured: a module of `adapters/`, or any other given with `--adapter <path>`.
 *
 * One line of JSON per entry; files and rotated files (`.gz` too) anywhere below `dir`.
 */
export interface TortureAdapter {
  readonly title: string;
  /** Name of the file in `dir` that is written first; a named pipe stands there for the stalled reader. */
  readonly fileName: string;
  /** Whether the logger can rotate by size. */
  readonly rotatesBySize: boolean;
  open(setup: TortureSetup): TortureLogger | Promise<TortureLogger>;
}
