import type { ContainerLogger } from "../container-logger.ts";
import type { FlightRecorder } from "./flight-recorder.ts";

/** A logger as its maker sees it. */
export interface RecordedLogger extends ContainerLogger {
  /**
   * Keeps what is below the level; may be exchanged at any time. What the one before keeps of this logger is forgotten.
   * After the levels of a recorder have changed, set it again.
   */
  recorder: FlightRecorder | undefined;
}
