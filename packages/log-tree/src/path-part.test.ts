import { describe, expect, it } from "vitest";
import { decodePathPart, encodePathPart, encodePathPartFolded } from "./path-part.ts";
import { formatSegmentName, parseSegmentName } from "./segment-name.ts";

describe("encodePathPart", () => {
  it.each([
    ["strategy_001", "strategy_001"],
    ["v1.2-beta_3", "v1.2-beta_3"],
    ["", "%"],
    [".", "%2E"],
    ["..", "%2E%2E"],
    ["../../etc", "%2E.%2F..%2Fetc"],
    ["a/b", "a%2Fb"],
    ["a\\b", "a%5Cb"],
    [".hidden", "%2Ehidden"],
    ["-rf", "%2Drf"],
    ["end.", "end%2E"],
    ["a\u0000b", "a%00b"],
    ["\u001b[31m", "%1B%5B31m"],
    ["100%", "100%25"],
    ["a%2Fb", "a%252Fb"],
    ["a~b", "a%7Eb"],
    ["a@1", "a%401"],
    ["é", "%C3%A9"],
    ["e\u0301", "e%CC%81"],
    ["日本", "%E6%97%A5%E6%9C%AC"],
    ["😀", "%F0%9F%98%80"],
    ["\ud83d", "%ED%A0%BD"],
    ["CON", "%43ON"],
    ["nul.txt", "%6Eul.txt"],
    ["Com1", "%43om1"],
    ["console", "console"],
    ["x.20261122T103001123Z-000001", "x%2E20261122T103001123Z-000001"],
    ["x.20261122t103001123z-1234567", "x%2E20261122t103001123z-1234567"],
    ["__proto__", "__proto__"],
  ])("makes of %j the name %j", (id, name) => {
    expect(encodePathPart(id)).toBe(name);
    expect(decodePathPart(name)).toBe(id);
  });

  it("cuts what is over 128 bytes and ends it with a hash of the whole id", () => {
    const first = encodePathPart("a".repeat(300));
    const second = encodePathPart(`${"a".repeat(299)}b`);
    expect(first).toMatch(/^a{111}~[0-9a-f]{16}$/);
    expect(second).not.toBe(first);
    expect(decodePathPart(first)).toBeUndefined();
  });

  it("does not cut at exactly 128 bytes", () => {
    expect(encodePathPart("a".repeat(128))).toBe("a".repeat(128));
    expect(encodePathPart("a".repeat(129))).toHaveLength(128);
  });

  it("never leaves half an escape at the cut", () => {
    for (let letters = 0; letters < 9; letters += 1) {
      expect(encodePathPart("a".repeat(letters) + "é".repeat(100))).toMatch(/^a*(?:%C3|%A9)*~[0-9a-f]{16}$/);
    }
  });

  it("tells long ids apart that differ in a lone surrogate only", () => {
    expect(encodePathPart(`${"é".repeat(60)}\ud800`)).not.toBe(encodePathPart(`${"é".repeat(60)}\ud801`));
  });

  it("never lets the active file of one component pass for a sealed segment of another", () => {
    const file = formatSegmentName({ component: encodePathPart("x.20261122T103001123Z-000001") });
    expect(parseSegmentName(file)?.seal).toBeUndefined();
  });
});

describe("decodePathPart", () => {
  it.each(["a b", "a%2fb", "%41b", "a%", "%E0%80", "%ED%A0%BD%ED%B8%80", "%C0%AF", "a@b", ".x", "CON", "ü"])(
    "says that %j is a name which no id has",
    (name) => {
      expect(decodePathPart(name)).toBeUndefined();
    },
  );

  it("reads the form with all letters escaped too", () => {
    expect(encodePathPartFolded("Ab-1")).toBe("%41%62-1");
    expect(decodePathPart("%41%62-1")).toBe("Ab-1");
  });
});
