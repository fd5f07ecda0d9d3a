import type { Contestant, OpenContestant, Setup, Stream, TracedPhase } from "./contestant.ts";
import { makeSharedStreams } from "./streams.ts";
import type { BenchEntry } from "./workload.ts";

/** Correlation ids remembered, as many as our index does. */
const idsMax = 10_000;

/**
 * Gives a peer what the coordinator of ours does for each entry, with further entries in shared files: INFO and above
 * also to `master`, each first sight of a correlation id in a component and each error with one to a correlation file,
 * each traced phase to `flows`.
 */
export function withFanOut(open: OpenContestant): OpenContestant {
  return async (setup: Setup): Promise<Contestant> => {
    const shared = makeSharedStreams(setup.root);
    const peer = await open({ ...setup, streams: [...setup.streams, ...shared] });
    const [master, flows, ids, errors] = shared.map((_, index) => setup.streams.length + index) as [
      number,
      number,
      number,
      number,
    ];
    const seen = new Map<string, Set<number>>();
    // A ring, as in our index: to ask a map for its first key walks over all that was deleted before it.
    const order: string[] = [];
    let next = 0;
    const sources = setup.streams.map(sourceOf);

    const copyTo = (stream: number, entry: BenchEntry): void =>
      peer.write({ ...entry, stream, context: sources[entry.stream] as BenchEntry["context"] });

    const isFirstSight = (correlationId: string, stream: number): boolean => {
      let streams = seen.get(correlationId);
      if (streams === undefined) {
        streams = new Set();
        const oldest = order[next];
        if (oldest !== undefined) seen.delete(oldest);
        order[next] = correlationId;
        next = (next + 1) % idsMax;
        seen.set(correlationId, streams);
      }
      return streams.size < streams.add(stream).size;
    };

    return {
      write(entry) {
        peer.write(entry);
        if (entry.level !== "debug") copyTo(master, entry);
        if (entry.correlationId === undefined) return;
        if (isFirstSight(entry.correlationId, entry.stream)) copyTo(ids, entry);
        if (entry.level === "error") copyTo(errors, entry);
      },
      trace: (traced) => peer.write(flowEntry(traced, flows)),
      close: () => peer.close(),
    };
  };
}

function sourceOf({ containerId, componentName }: Stream): BenchEntry["context"] {
  return { container_id: containerId, component_name: componentName };
}

function flowEntry(
  { phase, eventId, source, target, correlationId }: TracedPhase,
  stream: number,
): BenchEntry {
  return {
    stream,
    level: "info",
    message: `event ${phase}`,
    scope: "external_fast_tier",
    correlationId,
    isTraced: false,
    context: {
      event_id: eventId,
      phase,
      event_type: "signal",
      source,
      target,
      tier: "fast",
      mono_us: Math.round(performance.now() * 1000),
    },
  };
}
