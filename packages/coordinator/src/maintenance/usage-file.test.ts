import { createTreeLayout } from "@waybill/log-tree";
import { createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createUsageFile } from "./usage-file.ts";

const layout = createTreeLayout("/logs");

function scene() {
  const files = createFaultyFileSystem();
  files.outside.makeDirectory("/logs/.waybill");
  return { files, usage: createUsageFile(layout, files) };
}

describe("the usage file", () => {
  it("tells the next process what the tree took", () => {
    const { files, usage } = scene();
    expect(usage.read()).toBeUndefined();
    usage.note(1_000_000);
    usage.note(70);
    expect(createUsageFile(layout, files).read()).toBe(70);
    expect(files.openDescriptors).toBe(0);
  });

  it("is not written for a change of less than a hundredth", () => {
    const { files, usage } = scene();
    usage.note(1000);
    usage.note(1009);
    usage.note(991);
    expect(usage.read()).toBe(1000);
    usage.note(1010);
    expect(usage.read()).toBe(1010);
    expect(files.operations.filter(({ verb }) => verb === "write")).toHaveLength(2);
  });

  it.each(["", '{"bytes":', '{"bytes":-1}', '{"bytes":"7"}', "null", `{"bytes":7${" ".repeat(300)}}`])(
    "knows nothing from %j",
    (text) => {
      const { files, usage } = scene();
      files.outside.writeFile(layout.usage, text);
      expect(usage.read()).toBeUndefined();
    },
  );

  it("follows no link, and fails nobody", () => {
    const { files, usage } = scene();
    files.outside.writeFile("/elsewhere", '{"bytes":7}');
    files.outside.symlink("/elsewhere", layout.usage);
    usage.note(5);
    expect(usage.read()).toBeUndefined();
    expect(files.outside.readText("/elsewhere")).toBe('{"bytes":7}');
    files.outside.removeDirectory("/logs");
    expect(() => usage.note(1)).not.toThrow();
  });
});
