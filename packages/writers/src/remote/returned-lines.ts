import { forEachLine, seqOfLine } from "@waybill/log-tree";
import type { AbandonedRequest } from "../lane/lane-takeover.ts";
import { linesBehind } from "../lane/lines-behind.ts";

/** Lines that were given to a worker and come back because another one goes on with the stream. */
export class ReturnedLines {
  #fromQueue: Uint8Array = new Uint8Array(0);
  #underWay: Uint8Array[] = [];

  /** What waited in the worker's own queue: older than all that is under way. */
  addQueue(lines: Uint8Array): void {
    this.#fromQueue = lines;
  }

  /** What was under way, in order. The worker may have taken the first of it into its queue. */
  addAbandoned(requests: readonly AbandonedRequest[]): void {
    this.#underWay.push(...requests.filter(({ kind }) => kind === "write").map(({ lines }) => lines));
  }

  /** Takes all out, each line once, in order of `seq`. */
  take(): Uint8Array {
    const underWay = Buffer.concat(this.#underWay);
    const lines = Buffer.concat([this.#fromQueue, linesBehind(underWay, lastSeqOf(this.#fromQueue))]);
    this.#fromQueue = new Uint8Array(0);
    this.#underWay = [];
    return lines;
  }
}

function lastSeqOf(lines: Uint8Array): number {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  let lastSeq = 0;
  forEachLine(bytes, 0, bytes.length, (start, end) => {
    lastSeq = seqOfLine(bytes, start, end);
  });
  return lastSeq;
}
