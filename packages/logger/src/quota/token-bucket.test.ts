import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

const second = 1_000_000;

/** Takes one token after the other as long as the bucket admits it. */
function drain(bucket: TokenBucket, isError = false): number {
  let taken = 0;
  for (; taken < 10_000 && bucket.admits(isError); taken++) bucket.take(1);
  return taken;
}

describe("a token bucket", () => {
  it("gives a burst at once, of which a tenth to errors alone", () => {
    const bucket = new TokenBucket(100, 5, 0);
    expect([drain(bucket), drain(bucket, true), drain(bucket, true)]).toEqual([450, 50, 0]);
  });

  it("gives an error what all may have before what is kept for it", () => {
    const bucket = new TokenBucket(100, 5, 0);
    expect([drain(bucket, true), drain(bucket)]).toEqual([500, 0]);
  });

  it("gives its rate in the long run, whoever takes, and fills first what is for errors", () => {
    const bucket = new TokenBucket(100, 5, 0);
    drain(bucket, true);
    bucket.fill(second / 2);
    expect(drain(bucket)).toBe(0);
    bucket.fill(second);
    expect([drain(bucket), drain(bucket, true)]).toEqual([50, 50]);
  });

  it("saves up no more than a burst", () => {
    const bucket = new TokenBucket(100, 5, 0);
    drain(bucket, true);
    bucket.fill(1000 * second);
    expect(drain(bucket, true)).toBe(500);
  });

  it("admits nothing until a debt is paid, except errors", () => {
    const bucket = new TokenBucket(100, 5, 0);
    bucket.correct(650);
    expect([bucket.admits(false), drain(bucket, true)]).toEqual([false, 50]);
    bucket.fill(2.5 * second);
    expect(bucket.admits(false)).toBe(false);
    bucket.fill(2.6 * second);
    expect(bucket.admits(false)).toBe(true);
  });

  it("takes back what was charged too much, up to a burst", () => {
    const bucket = new TokenBucket(100, 5, 0);
    bucket.take(100);
    bucket.correct(-1000);
    expect(drain(bucket)).toBe(450);
  });

  it("is open again once a tenth of a burst has come together", () => {
    const bucket = new TokenBucket(100, 5, 0);
    drain(bucket);
    expect(bucket.reopensInUs).toBe(second / 2);
    bucket.fill(second / 2);
    expect([bucket.reopensInUs, drain(bucket)]).toEqual([0, 50]);
  });

  it("lets one entry through at a time where the rate is less than one", () => {
    const bucket = new TokenBucket(0.1, 1, 0);
    expect([drain(bucket), drain(bucket, true), bucket.reopensInUs]).toEqual([1, 1, 20 * second]);
    bucket.fill(20 * second);
    expect(drain(bucket)).toBe(1);
  });
});
