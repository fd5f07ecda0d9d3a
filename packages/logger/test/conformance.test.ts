import type { Writer } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter, type MemoryWriter, writerConformance } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createContainerQuota, foldMessages, foldRepeats, limitWriter } from "../src/index.ts";

interface StagedWriter extends Writer {
  readonly behind: MemoryWriter;
}

const clock = createFakeClock();
const stages: readonly [name: string, stage: (writer: Writer) => Writer][] = [
  ["limitWriter", (writer) => limitWriter(writer, createContainerQuota({ linesPerSecond: 1e6 }, { clock }))],
  ["foldRepeats", (writer) => foldRepeats(writer, { windowMs: 1000, clock })],
  ["foldMessages", (writer) => foldMessages(writer, { windowMs: 1000, clock, keepFirst: 2000 })],
];

describe.each(stages)("%s over a memory writer", (_, stage) => {
  writerConformance<StagedWriter>(
    { describe, it, expect },
    {
      open: () => {
        const behind = createMemoryWriter();
        return { ...stage(behind), behind };
      },
      read: ({ behind }) => behind.entries,
    },
  );
});
