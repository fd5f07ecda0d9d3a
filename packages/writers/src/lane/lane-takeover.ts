import type { RequestKind } from "./lane-requests.ts";

/** A request that was taken away from its worker. */
export interface AbandonedRequest {
  readonly stream: number;
  readonly kind: RequestKind;
  readonly lines: Uint8Array;
}

/** What a worker leaves behind that may not begin anything more. */
export interface Takeover {
  /** In order. */
  readonly abandoned: readonly AbandonedRequest[];
  /** The stream whose files the worker may be working on at this moment, and for as long as it hangs. */
  readonly busyStream: number | undefined;
}
