import { describe, expect, it } from "vitest";
import { resolveWebhook } from "./webhook-options.ts";

const url = "https://alerts.example/hook?token=secret";

describe("resolveWebhook", () => {
  it("fills in the defaults", () => {
    expect(resolveWebhook({ url, headers: { Authorization: "Bearer x" } })).toEqual({
      url: new URL(url),
      headers: { authorization: "Bearer x" },
      source: undefined,
      timeoutMs: 5000,
      queueMax: 100,
      closeTimeoutMs: 2000,
      retry: { attemptsMax: 5, backoffMs: 1000, backoffMaxMs: 60_000 },
    });
  });

  it.each([
    "",
    "alerts.example/hook",
    "ftp://alerts.example/",
    "file:///etc/passwd",
    "https://user:secret@alerts.example/",
  ])("refuses the URL %j without repeating a password", (wrong) => {
    expect(() => resolveWebhook({ url: wrong })).toThrow(TypeError);
    expect(() => resolveWebhook({ url: wrong })).not.toThrow("secret");
  });

  it.each([
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { attemptsMax: 0 },
    { attemptsMax: 1.5 },
    { backoffMs: 0 },
    { backoffMaxMs: 10 },
    { queueMax: 1 },
    { closeTimeoutMs: -1 },
  ])("refuses %j", (wrong) => {
    expect(() => resolveWebhook({ url, ...wrong })).toThrow(RangeError);
  });

  it.each([{ "x-a\r\nx-b": "1" }, { "x-a": "1\r\nx-b: 2" }, { "": "1" }, { "x-a": "ä" }])(
    "refuses the header %j, which could carry another one",
    (headers) => {
      expect(() => resolveWebhook({ url, headers })).toThrow(TypeError);
    },
  );
});
