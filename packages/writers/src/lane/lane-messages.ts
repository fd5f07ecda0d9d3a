import type { MessagePort } from "node:worker_threads";
import type { EncodingLimits } from "@waybill/log-tree";
import type { EntrySource, Gap } from "@waybill/protocols";
import type { WriterFailure } from "../failure.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import type { LaneBuffers } from "./lane-memory.ts";

/** What a lane worker starts with. */
export interface LaneWorkerData {
  readonly buffers: LaneBuffers;
  /** A `LaneAllowance`. */
  readonly allowance: SharedArrayBuffer;
  /** See `idleCloseMs` of the pool. */
  readonly idleCloseMs: number;
  /** One 32-bit integer: open files now. */
  readonly descriptors: SharedArrayBuffer;
  readonly limits: Partial<EncodingLimits>;
  /** Names this pool among the holders of locks. */
  readonly holder: string;
  /** The account of a `SpaceBudget`; undefined without one. */
  readonly space: SharedArrayBuffer | undefined;
  /** Streams come in here, events go out. */
  readonly port: MessagePort;
}

/** Makes a stream known to the worker, before the first request for it. */
export interface LaneStreamMessage {
  readonly stream: number;
  /** Of the active segment. */
  readonly path: string;
  readonly lockFile: string | undefined;
  readonly options: ResolvedStreamOptions;
  /** Whether another worker may have left something unsynced in the files. */
  readonly mayBeUnsynced: boolean;
  /** Under whose name gap records are written. */
  readonly source: EntrySource;
  /** A table of counters, and the place of the stream in it. */
  readonly counters: SharedArrayBuffer;
  readonly slot: number;
}

/** What a lane worker tells on its own. */
export type LaneEvent =
  | { readonly kind: "idle" }
  /** Of all streams together; see `PressureBell`. */
  | { readonly kind: "pressure"; readonly grants: number }
  /** Lines that waited in the worker's own queue when its streams were taken over, whole and in order. */
  | { readonly kind: "returned"; readonly stream: number; readonly lines: Uint8Array }
  | {
      readonly kind: "opened";
      readonly stream: number;
      readonly lastSeq: number;
      readonly activePath: string;
    }
  | { readonly kind: "gap"; readonly stream: number; readonly gap: Gap }
  | { readonly kind: "sealed"; readonly stream: number; readonly sealedPath: string }
  /** Before the result of the request says so. */
  | { readonly kind: "unsealed"; readonly stream: number; readonly failure: WriterFailure }
  | { readonly kind: "failed"; readonly stream: number; readonly failure: WriterFailure }
  | { readonly kind: "recovered"; readonly stream: number; readonly path: string };

/** What it tells of one stream. */
export type LaneStreamEvent = Exclude<LaneEvent, { readonly kind: "idle" | "pressure" }>;
