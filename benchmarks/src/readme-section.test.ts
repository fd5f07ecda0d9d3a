import { describe, expect, it } from "vitest";
import { replaceSection } from "./readme-section.ts";

describe("replaceSection", () => {
  it("replaces what stands between the marks and nothing else", () => {
    const document = "before\n<!-- write:begin -->\nold\n<!-- write:end -->\nafter\n";
    expect(replaceSection(document, "write", "new\n")).toBe(
      "before\n<!-- write:begin -->\nnew\n<!-- write:end -->\nafter\n",
    );
  });

  it("refuses a document without the marks", () => {
    expect(() => replaceSection("text", "write", "new")).toThrow("<!-- write:begin -->");
  });
});
