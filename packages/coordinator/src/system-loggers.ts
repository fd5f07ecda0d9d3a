import type { ContainerLogger } from "@waybill/logger";
import type { LevelBook, LevelSubject } from "./live/level-book.ts";
import type { LoggerFactory } from "./logger-factory.ts";
import type { TreeWriters } from "./tree-writers.ts";

/** The loggers of Waybill itself: `system/<component>.log`. */
export interface SystemLoggers {
  /** Another logger on the file of a component. @param kind - decides its level. */
  create(component: string, kind: "system" | "lifecycleManagement"): ContainerLogger;
  /** All that were created. */
  all(): Iterable<readonly [LevelSubject, ContainerLogger]>;
}

/** None yet. */
export function createSystemLoggers(
  coordinatorId: string,
  writers: Pick<TreeWriters, "ofSystem">,
  loggers: Pick<LoggerFactory, "createSystem">,
  levels: Pick<LevelBook, "levelOf">,
): SystemLoggers {
  const created: [LevelSubject, ContainerLogger][] = [];
  return {
    create(component, kind) {
      const subject = { kind, containerId: coordinatorId, type: undefined, component };
      const writer = writers.ofSystem(component);
      const logger = loggers.createSystem(coordinatorId, component, writer, levels.levelOf(subject));
      created.push([subject, logger]);
      return logger;
    },
    all: () => created,
  };
}
