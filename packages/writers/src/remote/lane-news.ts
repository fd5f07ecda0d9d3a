import type { EntryIntake } from "../entry-intake.ts";
import type { LaneStreamEvent } from "../lane/lane-messages.ts";
import type { LanePassage } from "./lane-passage.ts";
import type { RemoteFailures } from "./remote-failures.ts";
import type { RemoteStreamWriterPorts } from "./remote-stream-ports.ts";
import type { StreamHandover } from "./stream-handover.ts";
import type { WrittenAges } from "./written-ages.ts";

/** Who is concerned by what a worker tells of a stream. */
export interface LaneNewsParts {
  readonly intake: EntryIntake;
  readonly passage: LanePassage;
  readonly failures: RemoteFailures;
  readonly handover: StreamHandover;
  readonly ages: WrittenAges | undefined;
  readonly ports: Pick<RemoteStreamWriterPorts, "onOpened" | "onFailure" | "onRecovered" | "onSealed">;
  /** Has what waits sent with the next flush. */
  readonly schedule: () => void;
}

/** Passes on what the worker of a stream tells on its own. */
export function passOn(event: LaneStreamEvent, parts: LaneNewsParts): void {
  const { intake, passage, failures, handover, ages, ports, schedule } = parts;
  if (event.kind === "opened") {
    passage.noteOpened(event.lastSeq, event.activePath);
    ports.onOpened(event.lastSeq, event.activePath);
  } else if (event.kind === "sealed") ports.onSealed(event.sealedPath);
  else if (event.kind === "unsealed") failures.unsealed = event.failure;
  else if (event.kind === "returned") handover.addQueue(event.lines);
  else if (event.kind === "recovered") {
    ages?.tell();
    // What had to wait for that, such as another mode.
    schedule();
    ports.onRecovered(event.path);
  } else if (event.kind === "gap") {
    intake.noteGap(event.gap);
    schedule();
  } else {
    failures.last = event.failure;
    ports.onFailure(event.failure);
  }
}
