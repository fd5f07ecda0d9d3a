import type { EventFlowTracerStats } from "@waybill/flows";
import type { ContainerState } from "./container-life.ts";
import type { RegistryStats } from "./container-log-registry.ts";
import type { LogSummary } from "./log-summary.ts";

/** The state of a coordinator and of all it owns. */
export interface SystemStatus {
  readonly coordinator: {
    readonly id: string;
    readonly state: "running" | "stopping" | "stopped";
    /** Containers that are created and not yet gone. */
    readonly activeContainers: number;
    readonly uptimeHours: number;
  };
  readonly logging: LogSummary;
  readonly flows: EventFlowTracerStats;
  /** By container id, those that are being created included. Has no prototype. */
  readonly containers: Readonly<Record<string, ContainerStatus>>;
}

/** The state of one container. */
export interface ContainerStatus {
  readonly type: string;
  readonly state: ContainerState;
  /** What the container says of itself in `status` (a value or a method) or `getStatus()`; undefined when it says nothing. */
  readonly status: unknown;
  /** Why the container could not say; undefined when it could. */
  readonly statusError: string | undefined;
  readonly logRegistry: RegistryStats;
}

/** Asks a container for its status. A container that fails to answer must not hide the others', so this never throws. */
export function askStatus(container: object): Pick<ContainerStatus, "status" | "statusError"> {
  try {
    const status = readStatus(container);
    if (!(status instanceof Promise)) return { status, statusError: undefined };
    // Waiting for it would make every status as slow as the slowest container.
    status.catch(() => undefined);
    return { status: undefined, statusError: "the status is a promise, not a value" };
  } catch (error) {
    return { status: undefined, statusError: describe(error) };
  }
}

function readStatus(container: object): unknown {
  const status: unknown = Reflect.get(container, "status") ?? Reflect.get(container, "getStatus");
  return typeof status === "function" ? status.call(container) : status;
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    // A thrown object whose own text throws.
    return "unknown failure";
  }
}
