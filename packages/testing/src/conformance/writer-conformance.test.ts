import type { EntryInput, Writer } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { createMemoryWriter, type MemoryWriter } from "../memory-writer.ts";
import { writerConformance } from "./writer-conformance.ts";

interface Mutant {
  readonly defect: string;
  readonly caughtBy: string;
  readonly open: () => Writer & { readonly entries: readonly EntryInput[] };
}

/** Spreading would freeze the getters of a writer, but a memory writer has methods only. */
function mutate(change: (writer: MemoryWriter) => Partial<MemoryWriter>): MemoryWriter {
  const writer = createMemoryWriter();
  return { ...writer, ...change(writer) };
}

const mutants: readonly Mutant[] = [
  {
    defect: "keeps a reference to the context",
    caughtBy: "writes the context as it was at write, whatever the caller does to it later",
    open: () => {
      const entries: EntryInput[] = [];
      const change = (writer: MemoryWriter): Partial<MemoryWriter> => ({
        entries,
        write(entry) {
          entries.push(entry);
          return writer.write(entry);
        },
      });
      return mutate(change);
    },
  },
  {
    defect: "returns a new promise from each close",
    caughtBy: "returns the same promise from every close",
    open: () => mutate((writer) => ({ close: () => writer.close().then(() => undefined) })),
  },
  {
    defect: "claims to take entries after close",
    caughtBy: "refuses entries after close, without losing count",
    open: () =>
      mutate((writer) => ({
        write(entry) {
          writer.write(entry);
          return true;
        },
      })),
  },
  {
    defect: "loses an entry without counting it",
    caughtBy: "accounts for every entry at every moment: accepted = written + queued + dropped",
    open: () => mutate((writer) => ({ status: () => ({ ...writer.status(), written: 0, dropped: 0 }) })),
  },
  {
    defect: "throws for a context that throws",
    caughtBy: "gives exactly one entry for: throwing getter",
    open: () =>
      mutate((writer) => ({
        write(entry) {
          JSON.stringify(entry.context);
          return writer.write(entry);
        },
      })),
  },
  {
    defect: "stays open after close",
    caughtBy: "reports closed, with nothing queued, after close",
    open: () => mutate((writer) => ({ status: () => ({ ...writer.status(), state: "open" }) })),
  },
];

/** Runs the suite over a writer. @returns the names of the tests that fail. */
async function failuresOf({ open }: Mutant): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => void | Promise<void> }[] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (name: string, body: () => void | Promise<void>) => void tests.push({ name, body }),
    expect,
  };
  writerConformance(runner, { open, read: (writer) => writer.entries });
  const failed: string[] = [];
  for (const { name, body } of tests.filter((test) => !/MB|million|000/.test(test.name))) {
    await Promise.resolve()
      .then(body)
      .catch(() => failed.push(name));
  }
  return failed;
}

describe("writer conformance", () => {
  it.each(mutants)("catches a writer that $defect", async (mutant) => {
    expect(await failuresOf(mutant)).toContain(mutant.caughtBy);
  });
});
