import { createContainerLogger } from "@waybill/logger";
import { createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createWriteFailures } from "./write-failures.ts";

function subject() {
  const writer = createMemoryWriter();
  const logger = createContainerLogger({ containerId: "main", componentName: "log_manager", writer });
  const failures = createWriteFailures(() => logger);
  const told = (): unknown[] => writer.entries.map(({ message, context }) => [message, context?.["path"]]);
  const fail = (path: string, code: string): void =>
    failures.noteFailure({ path, code, message: "no", atMs: 0 });
  return { failures, fail, told, writer };
}

describe("what is told of writing that fails", () => {
  it("is each stream that a disk fails, and each that works again", () => {
    const { failures, fail, told } = subject();
    fail("a", "EIO");
    fail("b", "EIO");
    failures.noteRecovered("b");
    expect(told()).toEqual([
      ["Writing failed", "a"],
      ["Writing failed", "b"],
      ["Writing works again", "b"],
    ]);
  });

  it("is the limit of the tree once for all streams, and its end with how many waited", () => {
    const { failures, fail, told, writer } = subject();
    for (const path of ["a", "b", "c"]) fail(path, "WAYBILL_SPACE_EXHAUSTED");
    for (const path of ["c", "a", "b"]) failures.noteRecovered(path);
    fail("d", "WAYBILL_SPACE_EXHAUSTED");
    expect(told()).toEqual([
      ["Writing failed", "a"],
      ["Writing works again", "b"],
      ["Writing failed", "d"],
    ]);
    expect(writer.entries[1]?.context?.["streams"]).toBe(3);
  });
});
