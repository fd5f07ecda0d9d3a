import { createTreeLayout } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { archivePlaceOf, partPathOf, pathInTree } from "./archive-place.ts";

const layout = createTreeLayout("/logs");
const stamp = "20260115T235959999Z-000007";

function placeOf(file: string): string | undefined {
  const location = layout.locate(file);
  return location && archivePlaceOf(location, layout);
}

describe("archivePlaceOf", () => {
  it.each([
    [`containers/c1/app.${stamp}.log`, `archived/containers/2026-01-15/c1/app.${stamp}.log.gz`],
    [`containers/c1/app.${stamp}.log.gz`, `archived/containers/2026-01-15/c1/app.${stamp}.log.gz`],
    [`containers/c1/app@4711.${stamp}.log`, `archived/containers/2026-01-15/c1/app@4711.${stamp}.log.gz`],
    [
      `flows/main_fast_event_flows.${stamp}.log`,
      `archived/flows/2026-01-15/main_fast_event_flows.${stamp}.log.gz`,
    ],
    [
      `correlations/trade_correlations.${stamp}.log`,
      `archived/correlations/2026-01-15/trade_correlations.${stamp}.log.gz`,
    ],
    [`system/errors.${stamp}.log`, `archived/system/2026-01-15/errors.${stamp}.log.gz`],
    [`master.${stamp}.log`, `archived/master/2026-01-15/master.${stamp}.log.gz`],
  ])("of %s is %s", (file, place) => {
    expect(placeOf(`/logs/${file}`)).toBe(`/logs/${place}`);
  });

  it.each([
    "containers/c1/app.log",
    `containers/c1/app.${stamp}.log.gz.part`,
    `archived/containers/2026-01-15/c1/app.${stamp}.log.gz`,
  ])("is none for %s", (file) => {
    expect(placeOf(`/logs/${file}`)).toBe(undefined);
  });
});

describe("partPathOf", () => {
  it.each(["app", "app@4711", `app@${"w".repeat(64)}`])(
    "names a temporary segment of its own each time, for %s",
    (stem) => {
      const location = layout.locate(`/logs/containers/c1/${stem}.${stamp}.log`);
      if (location === undefined) throw new Error("no segment");
      const place = placeOf(`/logs/containers/c1/${stem}.${stamp}.log`) ?? "";
      const parts = [partPathOf(place, location.name), partPathOf(place, location.name)];
      expect(parts[0]).not.toBe(parts[1]);
      expect(parts.map((part) => layout.locate(part)?.name.temporary)).toEqual([true, true]);
      expect(parts.every((part) => (part.split("/").at(-1)?.length ?? 256) <= 255)).toBe(true);
    },
  );
});

describe("pathInTree", () => {
  it("starts at the root", () => {
    expect(pathInTree(layout, "/logs/containers/c1/app.log")).toBe("containers/c1/app.log");
  });
});
