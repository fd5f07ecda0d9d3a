import { describe, expect, it } from "vitest";
import { type ArchivedLine, formatManifestLine, parseManifestLine } from "./manifest-line.ts";

const archived: ArchivedLine = {
  event: "archived",
  atMs: Date.parse("2026-01-15T10:00:00.000Z"),
  path: "archived/containers/2026-01-15/c1/app.20260115T110000000Z-000001.log.gz",
  source: "containers/c1/app.20260115T110000000Z-000001.log",
  bytes: 123,
  sha256: "ab".repeat(32),
  plainBytes: 4567,
  plainSha256: "cd".repeat(32),
  firstMs: 1,
  lastMs: undefined,
};

describe("a line of the archive manifest", () => {
  it("stands on disk with snake_case keys behind its checksum, without what is unknown", () => {
    const text = formatManifestLine(archived);
    const { crc, ...fields } = JSON.parse(text) as Record<string, unknown>;
    expect(text.startsWith(`{"crc":"${String(crc)}",`)).toBe(true);
    expect(fields).toEqual({
      v: 1,
      event: "archived",
      at: "2026-01-15T10:00:00.000Z",
      path: archived.path,
      source: archived.source,
      bytes: 123,
      sha256: archived.sha256,
      plain_bytes: 4567,
      plain_sha256: archived.plainSha256,
      first_ms: 1,
    });
  });

  it("is read back as it was", () => {
    const removed = { event: "removed", atMs: archived.atMs, path: archived.path } as const;
    expect(parseManifestLine(formatManifestLine(archived))).toEqual(archived);
    expect(parseManifestLine(formatManifestLine(removed))).toEqual(removed);
  });

  it("is refused when any character of it is another, or missing", () => {
    const text = formatManifestLine(archived);
    const changed = [...text].map((character, at) => {
      const other = character === "x" ? "y" : "x";
      return text.slice(0, at) + other + text.slice(at + 1);
    });
    const cut = [...text].map((_, at) => text.slice(0, at));
    expect([...changed, ...cut].filter((line) => parseManifestLine(line) !== undefined)).toEqual([]);
  });

  it("is refused when another version wrote it", () => {
    const later = formatManifestLine({ ...archived, path: "p" }).replace('"v":1', '"v":2');
    expect(parseManifestLine(later)).toBe(undefined);
  });
});
