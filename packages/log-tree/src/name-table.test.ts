import { describe, expect, it } from "vitest";
import { createNameTable } from "./name-table.ts";
import { decodePathPart } from "./path-part.ts";

describe("createNameTable", () => {
  it.each([
    ["Alpha", "alpha"],
    ["ALPHA", "alpha"],
    ["strategy_A", "strategy_a"],
    ["x.Y", "x.y"],
    ["Straße", "straße"],
    ["é-A", "é-a"],
    ["a%2f", "a%2F"],
    ["CON", "con"],
    ["Z", "z"],
    ["v1-RC", "v1-rc"],
  ])("keeps %j and %j apart on a disk that ignores case", (first, second) => {
    const table = createNameTable();
    const names = [table.nameFor(first), table.nameFor(second)];
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(2);
    expect(names.map(decodePathPart)).toEqual([first, second]);
  });

  it("gives an id the same name every time", () => {
    const table = createNameTable();
    const names = ["Alpha", "alpha", "Alpha", "alpha"].map((id) => table.nameFor(id));
    expect(names).toEqual(["Alpha", "%61%6C%70%68%61", "Alpha", "%61%6C%70%68%61"]);
  });

  it("keeps clear of the names on disk", () => {
    expect(createNameTable(["ALPHA"]).nameFor("alpha")).toBe("%61%6C%70%68%61");
    expect(createNameTable(["alpha"]).nameFor("alpha")).toBe("alpha");
  });

  it("stays with the evading name after the name it evaded is gone", () => {
    expect(createNameTable(["%61%6C%70%68%61"]).nameFor("alpha")).toBe("%61%6C%70%68%61");
  });
});
