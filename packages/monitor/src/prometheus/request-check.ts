import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What a request must have. */
export interface RequestRules {
  /** The one path that is served. */
  readonly path: string;
  /** Host names that a request may be for, without port, lower case; undefined = any. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** What `authorization: Bearer …` must carry; undefined = nothing. */
  readonly bearerToken: string | undefined;
}

/** The status that a request deserves: 200, or why not. */
export function statusOf(
  request: Pick<IncomingMessage, "method" | "url" | "headers">,
  rules: RequestRules,
): number {
  const { headers, method, url = "" } = request;
  // A page in a browser can make its own name mean 127.0.0.1; the name it asks for betrays it (DNS rebinding).
  if (rules.hosts !== undefined && !rules.hosts.has(hostOf(headers.host ?? ""))) return 421;
  if (url.split("?", 1)[0] !== rules.path) return 404;
  if (method !== "GET" && method !== "HEAD") return 405;
  if (rules.bearerToken !== undefined && !isBearer(headers.authorization ?? "", rules.bearerToken))
    return 401;
  return 200;
}

/** A host without port; the brackets of an IPv6 address stay. */
function hostOf(header: string): string {
  return header.replace(/:\d*$/, "").toLowerCase();
}

/** In constant time, whatever the lengths: digests are compared. */
function isBearer(header: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${token}`));
}
