import type * as LogTree from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import type { EntryInput, EventScope, Level, Writer } from "@waybill/protocols";
import { type BenchEntry, type EntryLevel, entryAt } from "../write/workload.ts";

/** The parts of `@waybill/log-tree` that are measured, of this build or of another one. */
export type EncoderBuild = Pick<typeof LogTree, "ByteBuffer" | "createEntryEncoder">;

/** One way to treat an entry, on its own. */
export interface EncodeCase {
  readonly title: string;
  readonly run: (entry: BenchEntry, input: EntryInput) => void;
}

const streamCount = 3;
/** As large as the buffers that writers hand over. */
const bufferBytes = 65_536;

const sources = Array.from({ length: streamCount }, (_, index) => ({
  containerId: "container_0001",
  componentName: `component_${index + 1}`,
}));
const levelOf: Readonly<Record<EntryLevel, Level>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
};

/** The entries from a number on, as an application logs them and as loggers hand them to writers. */
export function entriesFrom(first: number, count: number): (readonly [BenchEntry, EntryInput])[] {
  const timestampMs = Date.now();
  return Array.from({ length: count }, (_, offset) => {
    const entry = entryAt(first + offset, streamCount);
    const input: EntryInput = {
      timestampMs,
      level: levelOf[entry.level],
      message: entry.message,
      source: sources[entry.stream] as EntryInput["source"],
      scope: entry.scope as EventScope,
      correlationId: entry.correlationId,
      eventId: undefined,
      traceId: undefined,
      spanId: undefined,
      context: entry.context,
    };
    return [entry, input];
  });
}

/** The measure of all: one call of `JSON.stringify` per entry, with the time in the same form, and no bytes of it. */
export function stringifyCase(): EncodeCase {
  let units = 0;
  return {
    title: "`JSON.stringify` of the same entry",
    run(_, { timestampMs, level, message, source, scope, correlationId, context }) {
      units += JSON.stringify({
        timestamp: new Date(timestampMs).toISOString(),
        level,
        message,
        container_id: source.containerId,
        component_name: source.componentName,
        event_scope: scope,
        correlation_id: correlationId,
        seq: units,
        context,
      }).length;
    },
  };
}

/** A writer that only encodes, for ever into the same 64 KiB. */
function encodingWriter({ ByteBuffer, createEntryEncoder }: EncoderBuild): Writer {
  const lines = new ByteBuffer(bufferBytes);
  const encoder = createEntryEncoder();
  let seq = 0;
  return {
    ...idleWriter,
    write(entry) {
      if (lines.length > bufferBytes - 4096) lines.length = 0;
      encoder.encode(lines, entry, ++seq);
      return true;
    },
  };
}

const idleWriter: Writer = {
  write: () => true,
  flush: () => Promise.resolve(),
  flushSync: () => true,
  close: () => Promise.resolve(),
  status() {
    throw new Error("nobody asks");
  },
};

/**
 * A value of every kind that takes another way through the encoder. A process that has lived for a while has met them
 * all, and V8 has given up whatever it had assumed from plain entries alone.
 */
function unusualContexts(): Record<string, unknown>[] {
  const dictionary: Record<string, unknown> = { gone: 1, kept: 2 };
  delete dictionary["gone"];
  return [
    dictionary,
    { list: [1, "two", { three: 3 }], at: new Date(0), error: new Error("e"), nothing: null, not: undefined },
    { map: new Map([["a", 1]]), text: 'quote " and é', big: 10n, negative: -1.5e-9, 7: "index" },
    Object.defineProperty({ plain: true }, "computed", { enumerable: true, get: () => 1 }),
    Object.create(null, { own: { value: "x".repeat(300), enumerable: true } }),
  ];
}

/** The encoder alone. */
export function encoderCase(title: string, build: EncoderBuild, withContext = true): EncodeCase {
  const writers = sources.map(() => encodingWriter(build));
  for (const context of unusualContexts()) {
    for (const [, input] of entriesFrom(0, 1000)) writers[0]?.write({ ...input, context });
  }
  return {
    title,
    run({ stream }, input) {
      writers[stream]?.write(withContext ? input : { ...input, context: undefined });
    },
  };
}

/** The logger over any writer, one per component, as an application calls it. */
export function loggerCase(title: string, build?: EncoderBuild): EncodeCase {
  const loggers = sources.map(({ containerId, componentName }) => {
    const writer = build === undefined ? idleWriter : encodingWriter(build);
    return createContainerLogger({ containerId, componentName, writer, level: "TRACE" });
  });
  for (const context of unusualContexts()) {
    for (let count = 0; count < 1000; count++) loggers[0]?.info("unusual", context);
  }
  return {
    title,
    run({ stream, level, message, context }) {
      loggers[stream]?.[level](message, context);
    },
  };
}
