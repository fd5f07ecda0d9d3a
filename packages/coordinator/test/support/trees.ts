import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type ConfigInput, resolveConfig, type WaybillConfig } from "@waybill/config";
import { afterEach } from "vitest";
import { type CoordinatorOptions, openCoordinator, type WorkflowCoordinator } from "../../src/index.ts";
import { type LogManager, type LogManagerOptions, openLogManager } from "../../src/log-manager.ts";

/** One line of a log file, as far as tests look at it. */
export interface Line {
  readonly level: string;
  readonly message: string;
  readonly container_id: string;
  readonly component_name: string;
  readonly seq: number;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** The lines of a log file; none when there is no such file. */
export function linesOf(...parts: readonly string[]): Line[] {
  const file = path.join(...parts);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

export function messagesOf(...parts: readonly string[]): string[] {
  return linesOf(...parts).map(({ message }) => message);
}

/** Log trees in temporary directories. What a test leaves open is closed, and all directories are removed. */
export function useTrees() {
  const directories: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  afterEach(async () => {
    await Promise.allSettled(closers.splice(0).map((close) => close()));
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  function directory(): string {
    const made = mkdtempSync(path.join(tmpdir(), "waybill-coordinator-"));
    directories.push(made);
    return made;
  }

  function configOf(input: ConfigInput = {}, logDir = directory()): WaybillConfig {
    // The type of the input knows either spelling of all keys, and not that these two suit both.
    const located = { ...input, coordinator: { coordinator_id: "main", log_dir: logDir } } as ConfigInput;
    return resolveConfig(located).config;
  }

  return {
    directory,
    configOf,
    openManager(input: ConfigInput = {}, options: Partial<LogManagerOptions> = {}): LogManager {
      const manager = openLogManager({ config: configOf(input), ...options });
      closers.push(() => manager.close());
      return manager;
    },
    openCoordinator(
      options: Partial<CoordinatorOptions> & { input?: ConfigInput } = {},
    ): WorkflowCoordinator {
      const { input, ...rest } = options;
      const factories = rest.factories ?? { plain: () => ({}) };
      const coordinator = openCoordinator({
        handleSignals: false,
        config: rest.config ?? configOf(input),
        ...rest,
        factories,
      });
      closers.push(() => coordinator.shutdown());
      return coordinator;
    },
  };
}

/** Where a coordinator's tree stands. */
export function rootOf(coordinator: WorkflowCoordinator): string {
  return coordinator.logManager.tree.layout.root;
}

/** A promise and what settles it. */
export function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** One turn of the event loop: every promise callback that is ready has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
