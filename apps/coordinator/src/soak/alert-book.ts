import type { AlertEvent } from "@waybill/monitor";

/** What is told of an alert in a report. */
export interface ToldAlert {
  readonly alert: string;
  readonly message: string;
  /** Milliseconds of simulated time since the epoch. */
  readonly firedMs: number;
  /** Milliseconds of simulated time; undefined while it lasts. */
  readonly lastedMs: number | undefined;
}

/** Keeps what alerts did; of many, the latest. */
export interface AlertBook {
  note(event: AlertEvent): void;
  readonly fired: number;
  readonly ended: number;
  readonly latest: readonly ToldAlert[];
}

const keptMax = 50;

/** Empty. */
export function createAlertBook(): AlertBook {
  let latest: ToldAlert[] = [];
  let fired = 0;
  let ended = 0;
  return {
    note({ alert, key, change, message, atMs, durationMs }) {
      const name = key === undefined ? alert : `${alert} ${key}`;
      if (change === "fired") {
        fired += 1;
        latest = [...latest, { alert: name, message, firedMs: atMs, lastedMs: undefined }].slice(-keptMax);
      }
      if (change !== "resolved") return;
      ended += 1;
      const index = latest.findLastIndex((told) => told.alert === name && told.lastedMs === undefined);
      const begun = latest[index];
      if (begun !== undefined) latest = latest.with(index, { ...begun, lastedMs: durationMs });
    },
    get fired() {
      return fired;
    },
    get ended() {
      return ended;
    },
    get latest() {
      return latest;
    },
  };
}
