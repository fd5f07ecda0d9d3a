import type { RetryPolicy } from "./retry-policy.ts";

/** Options of `createWebhookReceiver`. */
export interface WebhookOptions {
  /** `https://…`, or `http://…` for an address that you trust the way to. Without user name and password. */
  readonly url: string;
  /** Further headers, such as `authorization`. They appear in no statistics. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who sends, for the receiver: a host, a coordinator id. Default none. */
  readonly source?: string;
  /** Milliseconds for one try, 1 to 300 000. Default 5000. */
  readonly timeoutMs?: number;
  /** Tries of one event, the first included, integer 1 to 20. Default 5. */
  readonly attemptsMax?: number;
  /** Milliseconds before the second try, doubled with each further one. Default 1000. */
  readonly backoffMs?: number;
  /** Milliseconds between two tries at most. Default 60 000. */
  readonly backoffMaxMs?: number;
  /** Events that wait, integer 2 to 10 000; the oldest makes room for the newest. Default 100. */
  readonly queueMax?: number;
  /** Milliseconds in which `close` goes on delivering, 0 to 60 000. Default 2000. */
  readonly closeTimeoutMs?: number;
}

/** {@link WebhookOptions}, checked and complete. */
export interface ResolvedWebhook {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly source: string | undefined;
  readonly timeoutMs: number;
  readonly queueMax: number;
  readonly closeTimeoutMs: number;
  readonly retry: RetryPolicy;
}

/** @throws {TypeError | RangeError} for an option that cannot be; no message contains the URL's query. */
export function resolveWebhook(options: WebhookOptions): ResolvedWebhook {
  const { headers = {}, source, timeoutMs = 5000, attemptsMax = 5, backoffMs = 1000 } = options;
  const { backoffMaxMs = 60_000, queueMax = 100, closeTimeoutMs = 2000 } = options;
  requireRange("timeoutMs", timeoutMs, 1, 300_000);
  requireRange("attemptsMax", attemptsMax, 1, 20, true);
  requireRange("backoffMs", backoffMs, 1, 3_600_000);
  requireRange("backoffMaxMs", backoffMaxMs, backoffMs, 3_600_000);
  requireRange("queueMax", queueMax, 2, 10_000, true);
  requireRange("closeTimeoutMs", closeTimeoutMs, 0, 60_000);
  // Checked here, where it is configured: `node:http` would throw at the first alert.
  for (const [name, value] of Object.entries(headers))
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name) || !/^[\t\x20-\x7e]*$/.test(value))
      throw new TypeError(
        `the header ${JSON.stringify(name)} or its value has characters that HTTP does not allow`,
      );
  return {
    url: parseUrl(options.url),
    headers: lowerCased(headers),
    source,
    timeoutMs,
    queueMax,
    closeTimeoutMs,
    retry: { attemptsMax, backoffMs, backoffMaxMs },
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new TypeError("the URL of a webhook must be an absolute one of http or https");
  if (url.username !== "" || url.password !== "")
    throw new TypeError(
      `the URL of the webhook at ${url.host} has a password: put it in the header authorization`,
    );
  return url;
}

/** One spelling each, or a header that the receiver sets itself would be sent twice. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function requireRange(name: string, value: number, min: number, max: number, whole = false): void {
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value)))
    throw new RangeError(
      `${name} must be ${whole ? "an integer" : "a number"} from ${min} to ${max}, not ${value}`,
    );
}
