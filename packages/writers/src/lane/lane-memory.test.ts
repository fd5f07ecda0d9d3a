import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLaneBuffers } from "./lane-memory.ts";
import { LaneReceiver } from "./lane-receiver.ts";
import { type LaneRequest, type LaneResult, outcomes, requestKinds } from "./lane-requests.ts";
import { LaneSender } from "./lane-sender.ts";

const done: LaneResult = { outcome: "done", tookMs: 0, lastSeq: 0 };
const requestsMax = 4095;

function createLane(dataBytes = 100, lastNumber = 0) {
  const buffers = createLaneBuffers(dataBytes, lastNumber);
  return { buffers, sender: new LaneSender(buffers), receiver: new LaneReceiver(buffers) };
}

/** What the worker does with the next request. */
function completeNext(receiver: LaneReceiver, result = done): LaneRequest | undefined {
  const request = receiver.take();
  if (request !== undefined) receiver.complete(request.number, result);
  return request;
}

const linesOf = (length: number, fill = 0x61) => new Uint8Array(length).fill(fill);
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

describe("requests", () => {
  it("come out in the order in which they went in, with all that was sent", () => {
    const { sender, receiver } = createLane();
    const numbers = requestKinds.map((kind, index) =>
      sender.send(kind, index * 1000, linesOf(index, 0x30 + index), index + 7),
    );
    const taken = requestKinds.map(() => {
      const request = completeNext(receiver);
      return request && { ...request, bytes: textOf(request.bytes) };
    });
    expect(taken).toEqual(
      requestKinds.map((kind, index) => ({
        number: numbers[index],
        kind,
        stream: index * 1000,
        bytes: String(index).repeat(index),
        entries: index + 7,
      })),
    );
    expect([numbers, receiver.take()]).toEqual([requestKinds.map((_, index) => index + 1), undefined]);
  });

  it("carry a stream without lines and every 32-bit stream number", () => {
    const { sender, receiver } = createLane();
    sender.send("stop", -1);
    sender.send("flush", 2 ** 31 - 1);
    expect([receiver.take(), receiver.take()]).toMatchObject([
      { stream: -1, bytes: new Uint8Array(0) },
      { stream: 2 ** 31 - 1 },
    ]);
  });

  it("are completed one by one, in order", () => {
    const { sender, receiver } = createLane();
    const numbers = [1, 2, 3].map(() => sender.send("flush", 0) as number);
    completeNext(receiver);
    completeNext(receiver);
    expect(numbers.map((number) => sender.isCompleted(number))).toEqual([true, true, false]);
  });

  it("are not completed before they are sent", () => {
    const { sender } = createLane();
    expect([sender.isCompleted(0), sender.isCompleted(1)]).toEqual([true, false]);
  });

  it("bring back every outcome, rounded milliseconds, and large numbers", () => {
    const { sender, receiver } = createLane();
    const results = outcomes.map((outcome, index) => {
      const number = sender.send("open", 0) as number;
      completeNext(receiver, { outcome, tookMs: index + 0.6, lastSeq: 2 ** 53 - 1 - index });
      return sender.resultOf(number);
    });
    expect(results).toEqual(
      outcomes.map((outcome, index) => ({ outcome, tookMs: index + 1, lastSeq: 2 ** 53 - 1 - index })),
    );
  });

  it("keep results and lines apart until each is reclaimed", () => {
    const { sender, receiver } = createLane();
    const numbers = ["ab", "cde"].map((text) => sender.send("write", 0, Buffer.from(text)) as number);
    completeNext(receiver, { ...done, lastSeq: 5 });
    completeNext(receiver, { ...done, lastSeq: 6 });
    const found = numbers.map((number) => [textOf(sender.linesOf(number)), sender.resultOf(number).lastSeq]);
    expect(found).toEqual([
      ["ab", 5],
      ["cde", 6],
    ]);
    sender.reclaim();
    expect(textOf(sender.linesOf(numbers[1] as number))).toBe("cde");
  });

  it("copy the lines: the caller may change its buffer", () => {
    const { sender, receiver } = createLane();
    const lines = linesOf(3);
    sender.send("write", 0, lines);
    lines.fill(0x7a);
    expect(textOf((receiver.take() as LaneRequest).bytes)).toBe("aaa");
  });
});

describe("room", () => {
  it("ends with the table of requests, and comes back with each reclaimed one", () => {
    const { sender, receiver } = createLane();
    for (let n = 0; n < requestsMax; n++) sender.send("flush", n);
    expect([sender.underWay, sender.send("flush", 0)]).toEqual([requestsMax, undefined]);
    completeNext(receiver);
    expect(sender.send("flush", 0)).toBe(undefined);
    sender.reclaim();
    expect([sender.send("flush", 7), sender.send("flush", 8)]).toEqual([requestsMax + 1, undefined]);
    const rest = Array.from({ length: requestsMax }, () => completeNext(receiver)?.stream);
    expect([rest[0], rest.at(-2), rest.at(-1)]).toEqual([1, requestsMax - 1, 7]);
  });

  it("is all of the data for one request alone, and not a byte more", () => {
    const { sender, receiver } = createLane(100);
    expect(sender.send("write", 0, linesOf(101))).toBe(undefined);
    for (let round = 0; round < 3; round++) {
      expect(sender.send("write", 0, linesOf(100))).toBe(round + 1);
      expect(sender.send("write", 0, linesOf(1))).toBe(undefined);
      expect(completeNext(receiver)?.bytes.length).toBe(100);
      sender.reclaim();
    }
  });

  it("is used up to the last byte behind what is in use", () => {
    const { sender } = createLane(100);
    expect([60, 40, 0, 1].map((length) => sender.send("write", 0, linesOf(length)))).toEqual([
      1,
      2,
      3,
      undefined,
    ]);
  });

  it("is asked for in vain without a trace", () => {
    const { sender, receiver, buffers } = createLane(100);
    sender.send("write", 0, linesOf(60));
    const before = Buffer.from(buffers.data).toString("hex");
    const seen = receiver.signal();
    sender.send("write", 0, linesOf(41, 0x62));
    expect([Buffer.from(buffers.data).toString("hex"), receiver.signal(), sender.underWay]).toEqual([
      before,
      seen,
      1,
    ]);
  });

  it("begins anew at the front when the end is too short, once the front is free", () => {
    const { sender, receiver } = createLane(100);
    for (const length of [40, 40]) sender.send("write", 0, linesOf(length));
    expect(sender.send("write", 0, linesOf(30))).toBe(undefined);
    completeNext(receiver);
    sender.reclaim();
    const wrapped = sender.send("write", 0, linesOf(30, 0x62)) as number;
    expect([sender.linesOf(wrapped).byteOffset, sender.send("write", 0, linesOf(10))]).toEqual([
      0,
      undefined,
    ]);
    expect(textOf(sender.linesOf(2))).toBe("a".repeat(40));
  });
});

type Step = { readonly do: "send"; readonly length: number } | { readonly do: "complete" | "reclaim" };

interface Live {
  readonly number: number;
  readonly fill: number;
  readonly length: number;
}

/** Sends, completes and reclaims in any order, beside arrays that do the same. */
function createComparison(size: number, lastNumber: number) {
  const { buffers, sender, receiver } = createLane(size, lastNumber);
  const live: Live[] = [];
  let completed = 0;
  let sent = 0;
  const isIntact = ({ number, fill, length }: Live) => {
    const lines = sender.linesOf(number);
    return lines.buffer === buffers.data && lines.length === length && lines.every((byte) => byte === fill);
  };
  const steps = {
    /** Refused only while something is in use, or when it never fits. */
    send(length: number): boolean {
      const fill = (sent % 255) + 1;
      const number = sender.send("write", sent, linesOf(length, fill));
      if (number === undefined) return live.length > 0 || length > size;
      sent++;
      live.push({ number, fill, length });
      return number === ((lastNumber + sent) | 0);
    },
    complete(): boolean {
      const next = live[completed];
      const request = completeNext(receiver, { ...done, lastSeq: next?.fill ?? 0 });
      completed += Number(next !== undefined);
      return request?.number === next?.number && request?.bytes.length === next?.length;
    },
    reclaim(): boolean {
      if (completed === 0) return true;
      const { number, fill } = live.shift() as Live;
      const isRight = sender.isCompleted(number) && sender.resultOf(number).lastSeq === fill;
      completed--;
      sender.reclaim();
      return isRight;
    },
  };
  const isConsistent = () =>
    sender.underWay === live.length &&
    live.every((each, index) => isIntact(each) && sender.isCompleted(each.number) === index < completed);
  return { steps, isConsistent };
}

function play(size: number, lastNumber: number, steps: readonly Step[]): void {
  const comparison = createComparison(size, lastNumber);
  for (const step of steps) {
    const isRight = step.do === "send" ? comparison.steps.send(step.length) : comparison.steps[step.do]();
    expect([isRight, comparison.isConsistent()]).toEqual([true, true]);
  }
}

describe("any order of sending, completing and reclaiming", () => {
  it("keeps live lines whole and apart, in order, across both wrap-arounds", () => {
    const sizes = fc.constantFrom(1, 2, 7, 64);
    const run = sizes.chain((size) =>
      fc.record({
        size: fc.constant(size),
        lastNumber: fc.constantFrom(0, -3, 2 ** 31 - 4, -(2 ** 31)),
        steps: fc.array(
          fc.oneof(
            {
              weight: 3,
              arbitrary: fc.record({
                do: fc.constant("send" as const),
                length: fc.oneof(
                  fc.integer({ min: 0, max: Math.ceil(size / 3) }),
                  fc.integer({ min: 0, max: size + 1 }),
                  fc.constant(size),
                ),
              }),
            },
            {
              weight: 4,
              arbitrary: fc.record({ do: fc.constantFrom("complete" as const, "reclaim" as const) }),
            },
          ),
          { maxLength: 120 },
        ),
      }),
    );
    fc.assert(
      fc.property(run, ({ size, lastNumber, steps }) => play(size, lastNumber, steps)),
      { seed: 20_260_105, numRuns: 1500 },
    );
  });
});

describe("numbers", () => {
  it.each([
    ["from 2^31 − 1 to −2^31", 2 ** 31 - 3],
    ["from −1 to 0", -3],
  ])("wrap around without disorder: %s", (_, lastNumber) => {
    const { sender, receiver } = createLane(100, lastNumber);
    const numbers = [1, 2, 3, 4, 5].map((n) => sender.send("write", n, linesOf(n)) as number);
    expect(numbers).toEqual([1, 2, 3, 4, 5].map((n) => (lastNumber + n) | 0));
    const taken = [1, 2, 3].map((n) => completeNext(receiver, { ...done, lastSeq: n })?.number);
    expect(taken).toEqual(numbers.slice(0, 3));
    expect(numbers.map((number) => sender.isCompleted(number))).toEqual([true, true, true, false, false]);
    expect(numbers.slice(0, 3).map((number) => sender.resultOf(number).lastSeq)).toEqual([1, 2, 3]);
    expect(numbers.map((number) => sender.linesOf(number).length)).toEqual([1, 2, 3, 4, 5]);
    expect([4, 5, 6].map(() => completeNext(receiver)?.stream)).toEqual([4, 5, undefined]);
  });
});

describe("waking the worker", () => {
  it.each<readonly [string, (sender: LaneSender) => void]>([
    ["a request", (sender) => sender.send("flush", 0)],
    ["the wish to be woken", (sender) => sender.wantWake()],
    ["the halt", (sender) => sender.halt()],
  ])("is not missed between its look and its sleep: %s", (_, act) => {
    const { sender, receiver } = createLane();
    const seen = receiver.signal();
    act(sender);
    const startedMs = performance.now();
    receiver.sleep(seen, 5000);
    expect(performance.now() - startedMs).toBeLessThan(4000);
  });

  it.each<readonly [string, (sender: LaneSender) => void]>([
    ["lines", (sender) => sender.send("write", 0, linesOf(1))],
    ["a flush", (sender) => sender.send("flush", 0)],
  ])("is not missed between its look and its doze: %s", (_, act) => {
    const { sender, receiver } = createLane();
    const seen = receiver.signal();
    act(sender);
    const startedMs = performance.now();
    receiver.doze(seen, 5000);
    expect(performance.now() - startedMs).toBeLessThan(4000);
  });

  it("ends its sleep after the given time", () => {
    const { receiver } = createLane();
    const startedMs = performance.now();
    receiver.sleep(receiver.signal(), 5);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(4);
  });

  it("tells it once that the sender wants to be woken", () => {
    const { sender, receiver } = createLane();
    const told = [receiver.takeWakeWanted()];
    sender.wantWake();
    sender.wantWake();
    told.push(receiver.takeWakeWanted(), receiver.takeWakeWanted());
    expect(told).toEqual([false, true, false]);
  });
});

describe("waiting for the worker", () => {
  it("returns at once for what is completed, whatever the time allowed", () => {
    const { sender, receiver } = createLane();
    const number = sender.send("flush", 0) as number;
    completeNext(receiver);
    expect([sender.waitFor(number, 0), sender.waitFor(number, Number.POSITIVE_INFINITY)]).toEqual([
      true,
      true,
    ]);
  });

  it("tells that the time has passed, not before", () => {
    const { sender } = createLane();
    const number = sender.send("flush", 0) as number;
    const startedMs = performance.now();
    expect([sender.waitFor(number, 0), sender.waitFor(number, 5)]).toEqual([false, false]);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(4);
  });
});

describe("halting", () => {
  it("keeps the worker from every further request, and tells the last completed one", () => {
    const { sender, receiver } = createLane();
    for (const n of [1, 2, 3, 4]) sender.send("write", n, linesOf(n));
    completeNext(receiver);
    const begun = receiver.take() as LaneRequest;
    expect([sender.halt(), receiver.take()]).toEqual([1, undefined]);
    receiver.complete(begun.number, done);
    expect([receiver.take(), sender.isCompleted(2), sender.isCompleted(3)]).toEqual([undefined, true, false]);
  });

  it("tells whether the worker may have begun what it has not completed", () => {
    const { sender, receiver } = createLane();
    const numbers = [sender.send("open", 1), sender.send("open", 2)] as const;
    receiver.take();
    sender.halt();
    expect(numbers.map((number) => sender.hasBegun(number as number))).toEqual([true, false]);
    const other = createLane();
    const number = other.sender.send("open", 1) as number;
    other.sender.halt();
    expect(other.sender.hasBegun(number)).toBe(false);
  });

  it("leaves the lines of what is undone to be read", () => {
    const { sender, receiver } = createLane();
    const numbers = [1, 2, 3].map((n) => sender.send("write", n, linesOf(n)) as number);
    completeNext(receiver);
    sender.halt();
    expect(numbers.slice(1).map((number) => textOf(sender.linesOf(number)))).toEqual(["aa", "aaa"]);
  });
});
