import { describe, expect, it } from "vitest";
import { createUnpackBudget } from "./unpack-budget.ts";

const mebibyte = 1024 * 1024;
const refusal = expect.objectContaining({ code: "WAYBILL_ARCHIVE_REFUSED" });

describe("createUnpackBudget", () => {
  it("lets 16 MiB pass at any ratio, and 200 times the bundle beyond", () => {
    const small = createUnpackBudget("b", 10, {});
    small.takeBytes(16 * mebibyte);
    expect(() => small.takeBytes(1)).toThrow(refusal);
    const large = createUnpackBudget("b", mebibyte, {});
    large.takeBytes(200 * mebibyte);
    expect(() => large.takeBytes(1)).toThrow(refusal);
  });

  it("lets 10 GiB and 100,000 members pass, unless told otherwise", () => {
    const budget = createUnpackBudget("b", 1024 * mebibyte, {});
    budget.takeBytes(10 * 1024 * mebibyte);
    for (let members = 0; members < 100_000; members += 1) budget.takeMember();
    expect(() => budget.takeBytes(1)).toThrow(refusal);
    expect(() => budget.takeMember()).toThrow(refusal);
    expect(() => createUnpackBudget("b", 1, { bytesMax: 5 }).takeBytes(6)).toThrow(refusal);
  });
});
