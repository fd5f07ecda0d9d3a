/** What a request asks the worker to do with a stream. */
export const requestKinds = [
  ...(["open", "write", "flush", "reopen", "leave", "close", "stop"] as const),
  // `seal` flushes before. `sealLeft` is for a stream that nobody has open, and ends it.
  ...(["seal", "sealLeft"] as const),
  // With the options of the stream, see `encodeOptions`, in place of lines.
  "configure",
] as const;

/** One of {@link requestKinds}. */
export type RequestKind = (typeof requestKinds)[number];

/** A request as the worker takes it out. */
export interface LaneRequest {
  readonly number: number;
  readonly kind: RequestKind;
  /** Index by which both sides know a stream. */
  readonly stream: number;
  /** The lines to append; a view into shared memory that is valid until the request is completed. */
  readonly bytes: Uint8Array;
  /** How many of the lines are no gap records. */
  readonly entries: number;
}

/** Requests that end something for whoever waits for them. */
export const endingKinds: ReadonlySet<RequestKind> = new Set(["flush", "leave", "close", "seal", "sealLeft"]);

/** How a request ended. `unwritten` and `unsynced` are those of {@link endingKinds}, `unsealed` that of seals. */
export const outcomes = ["done", "unopened", "unwritten", "unsynced", "unsealed"] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** What became of a request. */
export interface LaneResult {
  readonly outcome: Outcome;
  /** Milliseconds that the request took in the worker, rounded. */
  readonly tookMs: number;
  /** Of `open`: the number after which entries go on. */
  readonly lastSeq: number;
}

/** Takes the result of a request; undefined when its worker is gone. */
export type ResultListener = (result: LaneResult | undefined) => void;

/** Whole encoded lines. */
export interface LaneLines {
  readonly bytes: Uint8Array;
  /** How many of them are no gap records. */
  readonly entries: number;
}
