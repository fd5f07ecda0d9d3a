import { describe, expect, it } from "vitest";
import { askStatus } from "./system-status.ts";

class Worker {
  readonly #word = "ready";

  status(): string {
    return this.#word;
  }
}

describe("asking a container for its status", () => {
  it.each([
    ["a value", { status: "ready" }, "ready"],
    ["a method", new Worker(), "ready"],
    ["getStatus", { getStatus: () => ({ orders: 3 }) }, { orders: 3 }],
    ["a function as container", Object.assign(() => undefined, { status: 1 }), 1],
    ["nothing", {}, undefined],
  ])("takes %s", (_name, container, status) => {
    expect(askStatus(container)).toEqual({ status, statusError: undefined });
  });

  it("tells why there is none when the container throws, whatever it throws", () => {
    const thrower = (thrown: unknown) => ({
      get status(): unknown {
        throw thrown;
      },
    });
    expect(askStatus(thrower(new Error("broken")))).toEqual({ status: undefined, statusError: "broken" });
    expect(askStatus(thrower(Object.create(null)))).toEqual({
      status: undefined,
      statusError: "unknown failure",
    });
  });

  it("does not wait for a promise, nor let it fail unheard", async () => {
    const unheard: unknown[] = [];
    const listen = (error: unknown) => unheard.push(error);
    process.on("unhandledRejection", listen);
    try {
      const asked = askStatus({ getStatus: () => Promise.reject(new Error("late")) });
      await new Promise((resolve) => setImmediate(resolve));
      expect(asked).toEqual({ status: undefined, statusError: "the status is a promise, not a value" });
      expect(unheard).toEqual([]);
    } finally {
      process.removeListener("unhandledRejection", listen);
    }
  });
});
