import type { Clock, Timer } from "@waybill/protocols";

const waitMsMin = 100;
const waitMsMax = 10_000;

/**
 * Lets calls for room pass at once as long as room is made. When a run could make none, since all is held or in use,
 * the next call waits, longer each time: 100 ms to 10 s.
 */
export interface PressureGate {
  note(): void;
  /** Told after each run whether it made room. */
  settle(hasMadeRoom: boolean): void;
  /** Nothing passes any more. */
  close(): void;
}

/** @param pass - asks for a run. */
export function createPressureGate(clock: Clock, pass: () => void): PressureGate {
  let waitMs = 0;
  let openUs = Number.NEGATIVE_INFINITY;
  let timer: Timer | undefined;
  let isClosed = false;
  return {
    note() {
      if (isClosed || timer !== undefined) return;
      const leftMs = (openUs - clock.monotonicUs()) / 1000;
      if (leftMs <= 0) {
        pass();
        return;
      }
      timer = clock.setTimer(() => {
        timer = undefined;
        pass();
      }, leftMs);
    },
    settle(hasMadeRoom) {
      waitMs = hasMadeRoom ? 0 : Math.min(waitMsMax, Math.max(waitMsMin, waitMs * 2));
      openUs = clock.monotonicUs() + waitMs * 1000;
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
