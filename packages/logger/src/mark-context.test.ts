import { describe, expect, it } from "vitest";
import { markContext } from "./mark-context.ts";

describe("a mark", () => {
  it("is one more field of the context", () => {
    expect(markContext({ a: 1 }, "recorded", true)).toEqual({ a: 1, recorded: true });
  });

  it("leaves a field of its name to the caller, under another name", () => {
    expect(markContext({ recorded: 7 }, "recorded", true)).toEqual({ recorded: true, recorded_value: 7 });
  });
});
