import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNameTable } from "../../src/name-table.ts";
import {
  decodePathPart,
  encodePathPart,
  encodePathPartFolded,
  pathPartBytesMax,
} from "../../src/path-part.ts";
import { formatSegmentName, parseSegmentName } from "../../src/segment-name.ts";
import { createTreeLayout } from "../../src/tree-layout.ts";

const seed = { seed: 20261122, numRuns: 1000 };

/** Ids as callers have them, and ids made of what the encoding treats specially. */
const id = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        "%",
        "~",
        "@",
        ".",
        "-",
        "CON",
        "nul",
        ".log",
        ".20261122T103001123Z-000001",
        "a",
        "A",
        "%2E",
      ),
    )
    .map((parts) => parts.join("")),
);

describe("names", () => {
  it("are portable for any string, by either form", () => {
    fc.assert(
      fc.property(id, (text) => {
        for (const name of [encodePathPart(text), encodePathPartFolded(text)]) {
          expect(name).toMatch(/^(?![.-])[A-Za-z0-9._%~-]{1,128}(?<!\.)$/);
          expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(pathPartBytesMax);
        }
      }),
      seed,
    );
  });

  it("lead back to the id unless they were cut", () => {
    fc.assert(
      fc.property(id, (text) => {
        for (const name of [encodePathPart(text), encodePathPartFolded(text)]) {
          expect(decodePathPart(name)).toBe(name.includes("~") ? undefined : text);
        }
      }),
      seed,
    );
  });

  it("differ for different ids, also in a directory that ignores case", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(id, fc.constantFrom("a", "A", "ab", "aB", "Ab", "AB")), { maxLength: 20 }),
        (ids) => {
          const table = createNameTable();
          expect(new Set(ids.map((text) => encodePathPart(text))).size).toBe(ids.length);
          expect(new Set(ids.map((text) => table.nameFor(text).toLowerCase())).size).toBe(ids.length);
        },
      ),
      seed,
    );
  });

  it("of segments lead back to their parts", () => {
    const seal = fc.option(
      fc.record({
        sealedMs: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
        number: fc.integer({ min: 1, max: 999_999_999_999_999 }),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        id,
        fc.option(id, { nil: undefined }),
        seal,
        fc.boolean(),
        fc.boolean(),
        (text, other, sealing, gz, part) => {
          const writer = other === undefined ? undefined : encodePathPart(other, 64);
          const isSealed = sealing !== undefined;
          const parts = {
            component: encodePathPart(text),
            writer,
            seal: sealing,
            compressed: isSealed && gz,
            temporary: isSealed && part,
          };
          expect(parseSegmentName(formatSegmentName(parts))).toEqual(parts);
        },
      ),
      seed,
    );
  });

  it("never lead out of the tree, and are located where they were made", () => {
    const layout = createTreeLayout("/logs");
    fc.assert(
      fc.property(id, id, (container, component) => {
        const file = layout.activeFile({ kind: "container", container, component });
        const cut = file.includes("~");
        expect(file.startsWith("/logs/containers/")).toBe(true);
        expect(file.split("/")).toHaveLength(5);
        expect(layout.locate(file)).toMatchObject(cut ? { kind: "container" } : { container, component });
      }),
      seed,
    );
  });
});
