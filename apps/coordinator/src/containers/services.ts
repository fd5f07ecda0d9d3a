import type { InternalEvent } from "@waybill/flows";
import type { LogContext } from "@waybill/protocols";
import type { Router } from "../router/router.ts";

/** What a component of this app needs of a logger. */
export interface ComponentLogger {
  debug(message: string, context?: LogContext): void;
  info(message: string, context?: LogContext): void;
  warning(message: string, context?: LogContext): void;
  error(message: string, context?: LogContext): void;
}

/** What every container is made from. The coordinator gives all but the router, which the app adds. */
export interface ContainerServices {
  readonly containerId: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly registry: { createComponentLogger(componentName: string): ComponentLogger };
  readonly tracer: { traceInternalEvent(event: InternalEvent): unknown };
  readonly router: Router;
}

/** What a container shows of itself. */
export type ContainerStatus = Readonly<Record<string, string | number | boolean | undefined>>;

/** The fields that describe an error in an entry. */
export function errorFields(error: unknown): LogContext {
  if (error instanceof Error) return { error_name: error.name, error_message: error.message };
  return { error_message: String(error) };
}

/** The message of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
