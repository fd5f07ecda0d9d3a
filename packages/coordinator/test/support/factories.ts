import { type ConfigInput, type LoggingConfig, resolveConfig } from "@waybill/config";
import type { Level } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter, type MemoryWriter } from "@waybill/testing";
import { afterEach } from "vitest";
import { createLoggerFactory, type LoggerFactory } from "../../src/logger-factory.ts";

/** `logging` as it stands in a file, with its defaults. */
export const loggingOf = (logging: ConfigInput["logging"] = {}): LoggingConfig =>
  resolveConfig({ logging } as ConfigInput).config.logging;

/** Factories on a fake clock, whose loggers write into memory. What a test leaves open is closed. */
export function useFactories() {
  const factories: LoggerFactory[] = [];
  afterEach(() => {
    for (const factory of factories.splice(0)) factory.close();
  });
  return function createSubject(logging: ConfigInput["logging"] = {}) {
    const clock = createFakeClock({ nowMs: 0 });
    const master = createMemoryWriter();
    const index = createMemoryWriter();
    const writers = { ofMaster: () => master, ofCorrelations: () => index };
    const factory = createLoggerFactory(loggingOf(logging), {
      writers,
      clock,
      onUnknownTier: () => undefined,
    });
    factories.push(factory);
    const create = (containerId = "a", type?: string, level: Level = "INFO") => {
      const file = createMemoryWriter();
      return { file, logger: factory.create(containerId, type, "c", file, level) };
    };
    const createSystem = () => {
      const file = createMemoryWriter();
      return { file, logger: factory.createSystem("main", "coordinator", file, "INFO") };
    };
    return { clock, master, index, factory, create, createSystem };
  };
}

export const messagesOf = ({ entries }: MemoryWriter): string[] => entries.map(({ message }) => message);
/** The counts of repeated entries, undefined for ordinary ones. */
export const countsOf = ({ entries }: MemoryWriter): unknown[] =>
  entries.map(({ context }) => (context?.["repeated"] as { count: number } | undefined)?.count);
export const gapsOf = ({ entries }: MemoryWriter): unknown[] =>
  entries.flatMap(({ context }) => (context?.["gap"] === undefined ? [] : [context["gap"]]));

export function times(count: number, act: (index: number) => void): void {
  for (let index = 0; index < count; index++) act(index);
}
