import { describe, expect, it } from "vitest";
import { bundleFormatOf } from "./bundle-format.ts";

describe("bundleFormatOf", () => {
  it("goes by the ending, in any case", () => {
    expect(["a.tar.gz", "a.TGZ", "a.b.zip"].map(bundleFormatOf)).toEqual(["tar.gz", "tar.gz", "zip"]);
  });

  it("refuses other endings", () => {
    for (const name of ["a.rar", "a.tar", "a.gz", "zip", ""])
      expect(() => bundleFormatOf(name)).toThrow(
        expect.objectContaining({ code: "WAYBILL_ARCHIVE_REFUSED" }),
      );
  });
});
