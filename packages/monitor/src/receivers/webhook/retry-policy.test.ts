import { describe, expect, it } from "vitest";
import { outcomeOfStatus, pauseAfter } from "./retry-policy.ts";

describe("outcomeOfStatus", () => {
  it.each([
    [200, "delivered"],
    [204, "delivered"],
    [301, "refused"],
    [307, "refused"],
    [400, "refused"],
    [401, "refused"],
    [404, "refused"],
    [408, "failed"],
    [425, "failed"],
    [429, "failed"],
    [500, "failed"],
    [503, "failed"],
    [0, "refused"],
  ])("takes %i for %s", (status, kind) => {
    expect(outcomeOfStatus(status, undefined).kind).toBe(kind);
  });

  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
    ["-1", undefined],
    ["1e9", undefined],
    ["99999999999", undefined],
  ])("reads that the server asks for a pause of %s", (header, retryAfterMs) => {
    expect(outcomeOfStatus(503, header)).toMatchObject({ retryAfterMs });
  });
});

describe("pauseAfter", () => {
  const policy = { attemptsMax: 5, backoffMs: 1000, backoffMaxMs: 5000 };

  it("doubles the pause up to its bound, and stops after the last try", () => {
    expect([1, 2, 3, 4, 5].map((attempt) => pauseAfter(policy, attempt, undefined, 1))).toEqual([
      1000,
      2000,
      4000,
      5000,
      undefined,
    ]);
  });

  it("takes at least half of it, so that senders spread", () => {
    expect([0, 0.5].map((random) => pauseAfter(policy, 1, undefined, random))).toEqual([500, 750]);
  });

  it("waits as long as the server asks, up to its own bound", () => {
    expect([3000, 900_000].map((asked) => pauseAfter(policy, 1, asked, 1))).toEqual([3000, 5000]);
  });
});
