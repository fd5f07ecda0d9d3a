/** Requests that may be under way at once; a power of two, because numbers wrap around. */
export const requestsMax = 4096;
const intsPerRequest = 8;
/** Positions in `control`. */
export const publishedAt = 0;
export const completedAt = 1;
export const wakeWantedAt = 2;
/** Changes with every reason for the worker to look: it sleeps on this, so that no reason is missed. */
export const signalAt = 3;
export const haltedAt = 4;
export const takenAt = 5;
/** Whether the worker rests, and how: a wake-up costs some microseconds, so it is spared where it changes nothing. */
export const restAt = 6;
/** 1 while the side that logs is blocked until something is completed. */
export const awaitedAt = 7;
/** The stream for which a timer runs, or 0: see {@link LaneReceiver.beginTimer}. */
export const timerStreamAt = 8;
/** 1 when the worker has left its loop and handed back what it knew alone. */
export const endedAt = 9;
const controlInts = 10;
/** Values at `restAt`: it looks for requests, looks again within milliseconds by itself, or sleeps until it is woken. */
export const awake = 0;
export const dozing = 1;
export const asleep = 2;
/** Positions within one request. */
export const kindAt = 0;
export const streamAt = 1;
export const offsetAt = 2;
export const lengthAt = 3;
export const outcomeAt = 4;
export const tookAt = 5;
export const entriesAt = 6;

/** The shared memory of one lane, as it is handed to its worker. */
export interface LaneBuffers {
  readonly control: SharedArrayBuffer;
  readonly requests: SharedArrayBuffer;
  readonly results: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/**
 * @param dataBytes - room for lines under way, bytes. Lines of one request must fit in one piece.
 * @param lastNumber - the requests are numbered from the one after it, 32-bit. Default 0.
 */
export function createLaneBuffers(dataBytes: number, lastNumber = 0): LaneBuffers {
  const control = new SharedArrayBuffer(controlInts * Int32Array.BYTES_PER_ELEMENT);
  const counters = new Int32Array(control);
  counters[publishedAt] = lastNumber;
  counters[completedAt] = lastNumber;
  counters[takenAt] = lastNumber;
  return {
    control,
    requests: new SharedArrayBuffer(requestsMax * intsPerRequest * Int32Array.BYTES_PER_ELEMENT),
    results: new SharedArrayBuffer(requestsMax * Float64Array.BYTES_PER_ELEMENT),
    data: new SharedArrayBuffer(dataBytes),
  };
}

/** The arrays over the shared memory that both sides use. */
export interface LaneViews {
  readonly control: Int32Array;
  readonly requests: Int32Array;
  readonly results: Float64Array;
  readonly data: Uint8Array;
}

export function viewsOf(buffers: LaneBuffers): LaneViews {
  return {
    control: new Int32Array(buffers.control),
    requests: new Int32Array(buffers.requests),
    results: new Float64Array(buffers.results),
    data: new Uint8Array(buffers.data),
  };
}

/** Request numbers are 32-bit and wrap around, so the sign of their difference tells which came first. */
export function isReached(number: number, counter: number): boolean {
  return ((counter - number) | 0) >= 0;
}

/** The place of a request among the results. */
export function slotOf(number: number): number {
  return number & (requestsMax - 1);
}

/** Where the fields of a request begin. */
export function baseOf(number: number): number {
  return slotOf(number) * intsPerRequest;
}
