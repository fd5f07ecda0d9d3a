import type { Contestant, Stream } from "./contestant.ts";
import type { BenchEntry } from "./workload.ts";

const phases = ["publish", "receive", "finish"] as const;

/** Turns the traced entries into phases of events: each event is published, received and finished by three of them. */
export function createEventTrace(
  contestant: Contestant,
  streams: readonly Stream[],
): (entry: BenchEntry) => void {
  let traced = 0;
  let event = { eventId: "", source: "", target: "", correlationId: undefined as string | undefined };
  return (entry) => {
    const phase = phases[traced % phases.length] as (typeof phases)[number];
    if (phase === "publish") {
      event = {
        eventId: `evt_${traced}`,
        source: streams[entry.stream]?.containerId ?? "",
        target: streams[(entry.stream + 4) % streams.length]?.containerId ?? "",
        correlationId: entry.correlationId,
      };
    }
    traced++;
    contestant.trace?.({ phase, ...event });
  };
}
