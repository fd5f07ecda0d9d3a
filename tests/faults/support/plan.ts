import type { StreamOptions, WriterPoolOptions } from "@waybill/writers";

/** How a child ends itself. */
export type Ending = "natural" | "exit" | "throw" | "reject" | "abort" | "kill" | "hang";

/** One thing that a logging child does. */
export type Step =
  /**
   * Logs numbered entries into every container, `perTurn` each and then a turn of the event loop or `pauseMs`. Ends
   * after `count` entries per container, after `forMs`, or never.
   */
  | {
      readonly do: "log";
      readonly count?: number;
      readonly forMs?: number;
      readonly perTurn?: number;
      readonly pauseMs?: number;
      readonly padBytes?: number;
      /** Every n-th entry is an ERROR. Default: none. */
      readonly errorEvery?: number;
      /** Only these containers. Default: all. */
      readonly into?: readonly number[];
    }
  /** Flushes the pool; remembers whether it resolved, and which entries were behind it. */
  | { readonly do: "flush" }
  /** Rounds of one entry each, with the lag of the event loop and of `fs.promises.stat` measured. */
  | {
      readonly do: "measure";
      readonly name: string;
      readonly into: readonly number[];
      readonly forMs: number;
      readonly pauseMs: number;
    }
  | { readonly do: "say"; readonly word: string }
  | { readonly do: "await"; readonly word: string }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "block"; readonly ms: number }
  | { readonly do: "shiftClock"; readonly ms: number }
  | { readonly do: "reopen" }
  /** Terminates the worker threads that the pool has started. */
  | { readonly do: "killWorkers" }
  | { readonly do: "close" }
  | { readonly do: "end"; readonly how: Ending };

/** What one logging child does, and where. */
export interface Plan {
  /** Root of the log tree; containers are `c0`, `c1`, … with one component `load`. */
  readonly root: string;
  /** Where the child notes what it was told, entry by entry; outside the tree. */
  readonly acks: string;
  /** Tells the entries of several children on one tree apart. */
  readonly run: number;
  readonly containers: number;
  /** Files that the process may have open, from the moment on at which it has loaded all packages. Default: as it is. */
  readonly filesMax?: number;
  readonly stream?: StreamOptions;
  readonly pool?: WriterPoolOptions;
  /** Logs in a worker thread of the application instead of its main thread. Default false. */
  readonly inWorker?: boolean;
  /** A clock that `shiftClock` sets, instead of that of the process. Default false. */
  readonly ownClock?: boolean;
  /** While the pipe exists, a write into the file hangs, in the worker that makes it, until the pipe is opened. */
  readonly hang?: { readonly file: string; readonly pipe: string };
  /** What throws: the callbacks of the pool, the lazy arguments and getters of entries, the scope detector. */
  readonly throwing?: readonly ("callbacks" | "arguments" | "detector")[];
  readonly steps: readonly Step[];
}
