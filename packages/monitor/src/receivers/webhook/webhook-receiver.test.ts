import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { alertEvent } from "../../../test/support/alert-events.ts";
import type { AlertEvent } from "../../alerts/alert-event.ts";
import type { PostJson, PostOptions } from "./post-json.ts";
import type { PostOutcome } from "./retry-policy.ts";
import { createWebhookReceiver } from "./webhook-receiver.ts";

const url = "http://127.0.0.1:1/hook";
const delivered: PostOutcome = { kind: "delivered" };
const failed: PostOutcome = { kind: "failed", reason: "the server answered 503", retryAfterMs: undefined };
const refused: PostOutcome = { kind: "refused", reason: "the server answered 404" };

/** A server that answers as told, and then always the same. */
function answering(...outcomes: readonly PostOutcome[]) {
  const posts: PostOptions[] = [];
  const post: PostJson = async (options) => {
    posts.push(options);
    return outcomes[Math.min(posts.length, outcomes.length) - 1] ?? delivered;
  };
  return { posts, post };
}

describe("createWebhookReceiver", () => {
  it("posts the event as JSON with the keys of the wire", async () => {
    const { posts, post } = answering(delivered);
    const receiver = createWebhookReceiver({ url, source: "main", headers: { "X-Key": "1" } }, { post });
    receiver.receive(alertEvent());
    await receiver.close();
    expect(JSON.parse(posts[0]?.body ?? "")).toEqual({
      version: 1,
      source: "main",
      message: "the log tree takes 9 B, threshold 8 B",
      alert_id: "event-1",
      alert: "disk_usage",
      severity: "warning",
      state: "firing",
      change: "fired",
      value: 9,
      threshold: 8,
      unit: "bytes",
      at: "2026-01-01T00:00:00.000Z",
      duration_seconds: 0,
    });
    expect([posts[0]?.headers, posts[0]?.timeoutMs]).toEqual([
      { "x-key": "1", "idempotency-key": "event-1" },
      5000,
    ]);
  });

  it("tells of each event that is lost, and why, whatever its listener does", async () => {
    const { post } = answering(delivered, refused);
    const lost: string[] = [];
    const onLost = ({ id }: AlertEvent, reason: string): void => {
      lost.push(`${id}: ${reason}`);
      throw new Error("a bug");
    };
    const receiver = createWebhookReceiver({ url, queueMax: 2 }, { post, onLost });
    for (const id of ["a", "b", "c"]) receiver.receive(alertEvent({ id }));
    await receiver.close();
    receiver.receive(alertEvent({ id: "d" }));
    expect(lost).toEqual([
      "b: more than 2 events wait",
      "c: the server answered 404",
      "d: the receiver is closed",
    ]);
    expect(receiver.stats()).toMatchObject({ received: 4, delivered: 1, lost: 3 });
  });

  it("tries again after pauses that grow, and then delivers", async () => {
    const clock = createFakeClock({ nowMs: 0 });
    const { posts, post } = answering(failed, failed, delivered);
    const receiver = createWebhookReceiver({ url }, { clock, post, random: () => 1 });
    receiver.receive(alertEvent());
    const tries = [];
    for (const ms of [0, 999, 1, 1999, 1]) {
      await clock.advanceAsync(ms);
      tries.push(posts.length);
    }
    expect(tries).toEqual([1, 1, 2, 2, 3]);
    expect(receiver.stats()).toMatchObject({ received: 1, delivered: 1, lost: 0, waiting: 0, retries: 2 });
  });

  it("goes on with events that come after all others were sent", async () => {
    const clock = createFakeClock();
    const { post } = answering(delivered);
    const receiver = createWebhookReceiver({ url }, { clock, post });
    for (const id of ["a", "b"]) {
      receiver.receive(alertEvent({ id }));
      await clock.advanceAsync(0);
    }
    expect(receiver.stats()).toMatchObject({ delivered: 2, waiting: 0 });
  });

  it("gives up after the last try, counts the loss, and goes on with the next event", async () => {
    const clock = createFakeClock();
    const { posts, post } = answering(failed, failed, delivered);
    const receiver = createWebhookReceiver({ url, attemptsMax: 2 }, { clock, post });
    receiver.receive(alertEvent());
    receiver.receive(alertEvent({ id: "event-2" }));
    await clock.advanceAsync(10_000);
    expect(posts.map(({ headers }) => headers["idempotency-key"])).toEqual(["event-1", "event-1", "event-2"]);
    expect(receiver.stats()).toEqual({
      received: 2,
      delivered: 1,
      lost: 1,
      waiting: 0,
      retries: 1,
      lastFailure: "the server answered 503",
    });
  });

  it("does not try again what the server refuses", async () => {
    const clock = createFakeClock();
    const { posts, post } = answering(refused);
    const receiver = createWebhookReceiver({ url }, { clock, post });
    receiver.receive(alertEvent());
    await clock.advanceAsync(600_000);
    expect([posts.length, receiver.stats().lost]).toEqual([1, 1]);
  });

  it("keeps the newest events when too many wait, and counts the others", async () => {
    const clock = createFakeClock();
    const { posts, post } = answering(failed, delivered);
    const receiver = createWebhookReceiver({ url, queueMax: 3 }, { clock, post });
    for (let n = 1; n <= 6; n += 1) receiver.receive(alertEvent({ id: `event-${n}` }));
    await clock.advanceAsync(60_000);
    expect(posts.map(({ headers }) => headers["idempotency-key"])).toEqual([
      "event-1",
      "event-1",
      "event-5",
      "event-6",
    ]);
    expect(receiver.stats()).toMatchObject({ received: 6, delivered: 3, lost: 3, waiting: 0 });
  });

  it("tries everything that waits once more when it is closed, without pauses", async () => {
    const clock = createFakeClock();
    const { posts, post } = answering(failed, delivered, failed);
    const receiver = createWebhookReceiver({ url }, { clock, post });
    for (const id of ["a", "b"]) receiver.receive(alertEvent({ id }));
    await clock.advanceAsync(0);
    await receiver.close();
    expect(posts.map(({ headers }) => headers["idempotency-key"])).toEqual(["a", "a", "b"]);
    expect(receiver.stats()).toMatchObject({ delivered: 1, lost: 1, waiting: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("cuts a try off that outlasts the time for closing, and loses what is left", async () => {
    const clock = createFakeClock();
    const post: PostJson = ({ signal }) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve(failed)));
    const receiver = createWebhookReceiver({ url, closeTimeoutMs: 2000 }, { clock, post });
    receiver.receive(alertEvent());
    const closing = receiver.close();
    await clock.advanceAsync(2000);
    await closing;
    expect(receiver.stats()).toMatchObject({ lost: 1, waiting: 0 });
  });

  it("takes nothing after it is closed, and closes once", async () => {
    const { posts, post } = answering(delivered);
    const receiver = createWebhookReceiver({ url }, { post });
    expect(receiver.close()).toBe(receiver.close());
    receiver.receive(alertEvent());
    await receiver.close();
    expect([posts.length, receiver.stats().lost]).toEqual([0, 1]);
  });

  it("survives a way of posting that throws", async () => {
    const receiver = createWebhookReceiver({ url }, { post: () => Promise.reject(new Error("bug")) });
    receiver.receive(alertEvent());
    await receiver.close();
    expect(receiver.stats()).toMatchObject({ lost: 1, lastFailure: "bug" });
  });
});
