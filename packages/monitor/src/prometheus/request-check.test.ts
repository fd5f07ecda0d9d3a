import { describe, expect, it } from "vitest";
import { type RequestRules, statusOf } from "./request-check.ts";

const rules: RequestRules = {
  path: "/metrics",
  hosts: new Set(["localhost", "[::1]"]),
  bearerToken: undefined,
};

function status(
  url: string,
  headers: Record<string, string> = {},
  method = "GET",
  more: Partial<RequestRules> = {},
) {
  return statusOf({ url, method, headers: { host: "localhost:9464", ...headers } }, { ...rules, ...more });
}

describe("statusOf", () => {
  it("serves one path, to read", () => {
    expect([
      status("/metrics"),
      status("/metrics?x=1"),
      status("/metrics", {}, "HEAD"),
      status("/metrics", {}, "POST"),
      status("/"),
      status("/metrics/../etc/passwd"),
      status("http://evil.example/metrics"),
    ]).toEqual([200, 200, 200, 405, 404, 404, 404]);
  });

  it("serves only those who ask for a name of this machine", () => {
    const asked = [
      "localhost",
      "LOCALHOST:1",
      "[::1]:9464",
      "evil.example",
      "evil.example:9464",
      "",
      "localhost.evil.example",
    ];
    expect(asked.map((host) => status("/metrics", { host }))).toEqual([200, 200, 200, 421, 421, 421, 421]);
    expect(status("/metrics", { host: "evil.example" }, "GET", { hosts: undefined })).toBe(200);
  });

  it("serves only those who have the token, when there is one", () => {
    const asked = ["Bearer secret", "Bearer secre", "Bearer secret2", "secret", "Basic secret", ""];
    const more = { bearerToken: "secret" };
    expect(asked.map((authorization) => status("/metrics", { authorization }, "GET", more))).toEqual([
      200, 401, 401, 401, 401, 401,
    ]);
  });
});
