import { describe, expect, it } from "vitest";
import { alertEvent } from "../../test/support/alert-events.ts";
import { createCallbackReceiver } from "./callback-receiver.ts";

describe("createCallbackReceiver", () => {
  it("hands events over", async () => {
    const seen: string[] = [];
    const receiver = createCallbackReceiver(({ id }) => void seen.push(id));
    await receiver.receive(alertEvent());
    expect([seen, receiver.stats()]).toEqual([["event-1"], { delivered: 1, failed: 0, dropped: 0 }]);
  });

  it("counts what throws and what rejects, and lets neither out", async () => {
    const failures = [
      () => Promise.reject(new Error("later")),
      () => {
        throw new Error("at once");
      },
    ];
    const receiver = createCallbackReceiver(() => failures.pop()?.());
    await receiver.receive(alertEvent());
    await receiver.receive(alertEvent());
    expect(receiver.stats()).toEqual({ delivered: 0, failed: 2, dropped: 0 });
  });

  it("loses events, and counts them, while too many calls are unfinished", async () => {
    const ends: (() => void)[] = [];
    const receiver = createCallbackReceiver(() => new Promise((resolve) => void ends.push(resolve)), {
      pendingMax: 2,
    });
    const calls = Array.from({ length: 3 }, () => receiver.receive(alertEvent()));
    for (const end of ends) end();
    await Promise.all(calls);
    expect(receiver.stats()).toEqual({ delivered: 2, failed: 0, dropped: 1 });
    const later = receiver.receive(alertEvent());
    ends.at(-1)?.();
    await later;
    expect(receiver.stats()).toEqual({ delivered: 3, failed: 0, dropped: 1 });
  });

  it.each([0, 1.5])("refuses %s calls", (pendingMax) => {
    expect(() => createCallbackReceiver(() => undefined, { pendingMax })).toThrow(RangeError);
  });
});
