import * as path from "node:path";
import { createTreeLayout, createTreeNames, type StreamAddress } from "@waybill/log-tree";
import { createFaultyFileSystem } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archivePlaceOf } from "../../src/archive-place.ts";
import { memberPathOf } from "../../src/bundle/member-name.ts";
import { type ArchivedLine, formatManifestLine, parseManifestLine } from "../../src/manifest-line.ts";

const options = { seed: 20_260_115, numRuns: 2000 };
const id = fc.string({ unit: "binary", maxLength: 40 });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });

const address: fc.Arbitrary<StreamAddress> = fc.oneof(
  fc.record({ kind: fc.constant("container" as const), container: id, component: id }),
  fc.record({ kind: fc.constant("flow" as const), coordinator: id, tier: id }),
  fc.record({ kind: fc.constant("correlation" as const), prefix: id }),
  fc.record({ kind: fc.constant("system" as const), component: id }),
  fc.constant({ kind: "master" as const }),
);

describe("names of the archive", () => {
  it("are those of the layout, for every id, and keep the stream", () => {
    const property = fc.property(
      address,
      time,
      fc.integer({ min: 1, max: 9_999_999 }),
      (stream, sealedMs, number) => {
        const layout = createTreeLayout("/logs", createTreeNames("/logs", createFaultyFileSystem()));
        const location = layout.locate(layout.sealedFile(stream, { sealedMs, number }));
        if (location === undefined) throw new Error("no segment");
        const place = archivePlaceOf(location, layout);
        expect(place).toBe(layout.archivedFile(stream, { sealedMs, number }));
        expect(layout.locate(place ?? "")?.stream).toBe(location.stream);
      },
    );
    expect(() => fc.assert(property, { ...options, numRuns: 500 })).not.toThrow();
  });

  it("of members lead nowhere outside, whatever a bundle calls them", () => {
    const part = fc.oneof(
      fc.constantFrom("..", ".", "", "containers", "c1", "app.log", "C:", "~", "archived"),
      id,
    );
    const name = fc
      .array(part, { maxLength: 8 })
      .chain((parts) => fc.constantFrom(parts.join("/"), parts.join("\\")));
    const property = fc.property(name, (hostile) => {
      const member = memberPathOf(hostile);
      const restored = path.resolve("/base/into", member ?? "x");
      expect(restored.startsWith("/base/into/")).toBe(true);
      expect(path.normalize(restored)).toBe(restored);
    });
    expect(() => fc.assert(property, options)).not.toThrow();
  });
});

describe("lines of the manifest", () => {
  const line: fc.Arbitrary<ArchivedLine> = fc.record({
    event: fc.constant("archived" as const),
    atMs: time,
    path: id,
    source: fc.option(id, { nil: undefined }),
    bytes: fc.nat(),
    sha256: id,
    plainBytes: fc.nat(),
    plainSha256: id,
    firstMs: fc.option(time, { nil: undefined }),
    lastMs: fc.option(time, { nil: undefined }),
  });

  it("are read back as they were, each on one line", () => {
    const property = fc.property(line, (written) => {
      const text = formatManifestLine(written);
      expect(text).not.toContain("\n");
      expect(parseManifestLine(text)).toEqual(written);
    });
    expect(() => fc.assert(property, options)).not.toThrow();
  });

  it("are refused with any bit flipped", () => {
    const property = fc.property(line, fc.nat(), fc.integer({ min: 0, max: 7 }), (written, at, bit) => {
      const bytes = Buffer.from(formatManifestLine(written));
      const flipped = Buffer.from(bytes);
      const index = at % bytes.length;
      flipped[index] = (flipped[index] ?? 0) ^ (1 << bit);
      expect(parseManifestLine(flipped.toString("utf8"))).toBe(undefined);
    });
    expect(() => fc.assert(property, options)).not.toThrow();
  });
});
