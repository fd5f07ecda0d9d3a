import { describe, expect, it } from "vitest";
import { type FailureHop, findFirstFailure } from "./first-failure.ts";

function hop(
  parent: number | undefined,
  status: FailureHop["status"],
  delivery = 1,
  deliveries = 1,
): FailureHop {
  return { parent, status, delivery, deliveries };
}

describe("findFirstFailure", () => {
  it.each<[string, FailureHop[], ReturnType<typeof findFirstFailure>]>([
    ["nothing in a healthy flow", [hop(undefined, "ok"), hop(0, "ok")], undefined],
    ["nothing in a flow under way", [hop(undefined, "ok"), hop(0, "open")], undefined],
    [
      "the cause, not its victims",
      [hop(undefined, "error"), hop(0, "error"), hop(1, "error")],
      { hop: 0, rule: "no-erroring-ancestor", others: [] },
    ],
    [
      "the cause also when a hop between it and its victim went well",
      [hop(undefined, "error"), hop(0, "ok"), hop(1, "error")],
      { hop: 0, rule: "no-erroring-ancestor", others: [] },
    ],
    [
      "failures on independent branches, the first in causal order first",
      [hop(undefined, "ok"), hop(0, "error"), hop(0, "error"), hop(2, "error")],
      { hop: 1, rule: "no-erroring-ancestor", others: [2] },
    ],
    [
      "a failure before a loss",
      [hop(undefined, "lost"), hop(undefined, "error")],
      { hop: 1, rule: "no-erroring-ancestor", others: [] },
    ],
    [
      "the lost hop when nothing failed",
      [hop(undefined, "ok"), hop(0, "lost")],
      { hop: 1, rule: "lost", others: [] },
    ],
    [
      "nothing when the failed delivery was repeated well",
      [hop(undefined, "error", 1, 2), hop(undefined, "ok", 2, 2)],
      undefined,
    ],
  ])("names %s", (_, hops, expected) => {
    expect(findFirstFailure(hops)).toEqual(expected);
  });
});
