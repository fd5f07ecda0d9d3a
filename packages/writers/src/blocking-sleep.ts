const neverNotified = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Holds this thread for so many milliseconds: for callers that have chosen to wait. */
export function sleepBlocking(ms: number): void {
  Atomics.wait(neverNotified, 0, 0, ms);
}
