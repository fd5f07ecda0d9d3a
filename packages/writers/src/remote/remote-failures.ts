import type { WaybillError } from "@waybill/protocols";
import type { WriterFailure } from "../failure.ts";
import { flushFailed, sealFailed, syncFailed } from "../flush-errors.ts";
import type { LaneResult } from "../lane/lane-requests.ts";

/** What has failed last in a stream whose worker tells it, and the errors made of that. */
export class RemoteFailures {
  readonly #path: string;
  last: WriterFailure | undefined;
  /** Why the last seal that came to nothing did. */
  unsealed: WriterFailure | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @param entries - that are not in the file. */
  flushFailed(entries: number): WaybillError {
    return flushFailed(this.#failedPath(), entries, this.last);
  }

  /** @param queued - entries that wait. @returns the error of a flush; undefined when it was made. */
  of({ outcome }: LaneResult, queued: number): WaybillError | undefined {
    if (outcome === "done") return undefined;
    if (outcome === "unsealed") return sealFailed(this.unsealed?.path ?? this.#path, this.unsealed);
    return outcome === "unwritten"
      ? this.flushFailed(queued)
      : syncFailed(this.#failedPath(), this.last?.message);
  }

  /** The seal was not made in time. */
  notSealed(): WaybillError {
    return sealFailed(this.#path, undefined);
  }

  /** A part file has another name than the stream. */
  #failedPath(): string {
    return this.last?.path ?? this.#path;
  }
}
