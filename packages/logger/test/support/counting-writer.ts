import type { EntryInput } from "@waybill/protocols";
import { createMemoryWriter, type MemoryWriter } from "@waybill/testing";

/** A memory writer that counts bytes as a file would: each line has the length that the test says. */
export function createCountingWriter(bytesOf: (entry: EntryInput) => number): MemoryWriter {
  const writer = createMemoryWriter();
  let bytesWritten = 0;
  return {
    ...writer,
    write(entry) {
      bytesWritten += bytesOf(entry);
      return writer.write(entry);
    },
    status: () => ({ ...writer.status(), bytesWritten }),
  };
}

/** Whether accepted = written + queued + dropped. */
export function isBalanced(writer: Pick<MemoryWriter, "status">): boolean {
  const { accepted, written, queued, dropped } = writer.status();
  return accepted === written + queued + dropped;
}
