import type { MessagePort } from "node:worker_threads";
import type { EncodingLimits } from "@waybill/log-tree";
import type { EntrySource } from "@waybill/protocols";
import type { WriterFailure } from "../failure.ts";
import type { Gap } from "../gap-entry.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import type { LaneBuffers } from "./lane-memory.ts";

/** What a lane worker starts with. */
export interface LaneWorkerData {
  readonly buffers: LaneBuffers;
  /** Open files at most. */
  readonly descriptorsMax: number;
  readonly limits: Partial<EncodingLimits>;
  /** Names this pool among the holders of locks. */
  readonly holder: string;
  /** Bytes that all its queues may hold together. */
  readonly queuesBytesMax: number;
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
  /** Under whose name gap records are written. */
  readonly source: EntrySource;
  /** A table of counters, and the place of the stream in it. */
  readonly counters: SharedArrayBuffer;
  readonly slot: number;
}

/** What a lane worker tells on its own. */
export type LaneEvent =
  | { readonly kind: "idle" }
  | { readonly kind: "opened"; readonly stream: number; readonly lastSeq: number }
  | { readonly kind: "gap"; readonly stream: number; readonly gap: Gap }
  | { readonly kind: "sealed"; readonly stream: number; readonly sealedPath: string }
  | { readonly kind: "failed"; readonly stream: number; readonly failure: WriterFailure }
  | { readonly kind: "recovered"; readonly stream: number; readonly path: string };
