// One run of one contestant, in a process of its own: `run.js <RunOptions as JSON>`; answers with a `Measured`.
import type { Mode } from "./contestant.ts";
import { contestants, ours, oursWithFanOut } from "./contestants.ts";
import { withFanOut } from "./fan-out.ts";
import { measure } from "./measure.ts";
import { makeStreams } from "./streams.ts";

/** What a run is told. */
export interface RunOptions {
  readonly name: string;
  readonly root: string;
  readonly containers: number;
  readonly entries: number;
  readonly mode: Mode;
  readonly hasFanOut: boolean;
}

async function run({ name, root, containers, entries, mode, hasFanOut }: RunOptions): Promise<void> {
  const info = contestants[name];
  if (info === undefined) throw new Error(`no contestant is called ${name}`);
  const isOurFanOut = hasFanOut && name === ours;
  const { open } = await (isOurFanOut ? oursWithFanOut() : info.load());
  const openAll = hasFanOut && !isOurFanOut && !info.isLimit ? withFanOut(open) : open;
  const streams = makeStreams(root, containers);
  const measured = await measure(() => openAll({ root, streams, mode }), streams, entries, hasFanOut);
  process.send?.(measured);
}

// A worker of a contestant does not keep the process alive; the channel to the parent does.
process.channel?.ref();
await run(JSON.parse(process.argv[2] ?? "{}"));
// Contestants may keep timers; everything is closed and reported by now.
process.disconnect?.();
process.exit(0);
