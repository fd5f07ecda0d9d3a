import type { Level } from "@waybill/protocols";
import type { LogKind, WaybillConfig } from "./waybill-config.ts";

/** Who logs, as far as it is known. */
export interface LevelSubject {
  /** Default: `containers` when `containerId` or `type` is given; without any, `log_levels.default` holds. */
  readonly kind?: LogKind | undefined;
  readonly containerId?: string | undefined;
  /** Type of the container. Default: the type that the configuration gives to `containerId`. */
  readonly type?: string | undefined;
  /** Component of the container; without `containerId` it has no meaning. */
  readonly component?: string | undefined;
}

function own<Value>(map: Readonly<Record<string, Value>>, key: string | undefined): Value | undefined {
  return key !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * The least severe level that somebody writes: of the component, else of the container, of its type, of the kind, and
 * `log_levels.default` at last. Pure; unknown names simply have no level of their own.
 */
export function effectiveLevel(config: WaybillConfig, subject: LevelSubject): Level {
  const { logLevels, levelsByType } = config.logging;
  const container = own(config.containers, subject.containerId);
  const type = subject.type ?? container?.type;
  const kindByDefault = subject.containerId === undefined && type === undefined ? "default" : "containers";
  return (
    own(container?.logging.components ?? {}, subject.component)?.level ??
    container?.logging.level ??
    own(levelsByType, type) ??
    logLevels[subject.kind ?? kindByDefault]
  );
}
