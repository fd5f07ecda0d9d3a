import type { EncodingLimits } from "@waybill/log-tree";
import type { Allowance } from "./lane-allowance.ts";
import type { LaneEvent } from "./lane-messages.ts";

/** What a lane is made with. */
export interface WorkerLaneOptions {
  readonly allowance: Allowance;
  readonly idleCloseMs: number;
  readonly limits: Partial<EncodingLimits>;
  readonly holder: string;
  readonly space: SharedArrayBuffer | undefined;
  readonly onEvent: (event: Exclude<LaneEvent, { readonly kind: "idle" }>) => void;
  /** The worker has completed nothing for 250 ms or longer. Told again and again while that lasts. */
  readonly onHang: () => void;
  /** The worker has ended without `WorkerLane.close`: it died, or was taken over and has noticed it. */
  readonly onEnd: () => void;
}
