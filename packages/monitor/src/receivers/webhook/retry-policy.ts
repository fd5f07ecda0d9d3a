/** How a delivery is tried again. */
export interface RetryPolicy {
  /** Tries of one event, the first included, integer 1 to 20. */
  readonly attemptsMax: number;
  /** Milliseconds before the second try; doubled with each further one. */
  readonly backoffMs: number;
  /** Milliseconds that a pause takes at most, also when the server asks for more. */
  readonly backoffMaxMs: number;
}

/** What became of one try. */
export type PostOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs: number | undefined };

/**
 * What a status of HTTP means: 2xx is delivered; 408, 425, 429 and 5xx may go better next time; everything else,
 * redirects included, will not.
 *
 * @param retryAfter - the header; only seconds are understood.
 */
export function outcomeOfStatus(status: number, retryAfter: string | undefined): PostOutcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `the server answered ${status}`;
  if (status < 500 && status !== 408 && status !== 425 && status !== 429) return { kind: "refused", reason };
  const seconds = /^\d{1,9}$/.exec(retryAfter ?? "")?.[0];
  return { kind: "failed", reason, retryAfterMs: seconds === undefined ? undefined : Number(seconds) * 1000 };
}

/**
 * Milliseconds to wait after a failed try, or undefined when no further one is due.
 *
 * @param attempt - the try that failed, 1 for the first.
 * @param random - 0 to 1: senders that failed together must not come back together.
 */
export function pauseAfter(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): number | undefined {
  if (attempt >= policy.attemptsMax) return undefined;
  const full = Math.min(policy.backoffMaxMs, policy.backoffMs * 2 ** (attempt - 1));
  return Math.max(full * (0.5 + random / 2), Math.min(retryAfterMs ?? 0, policy.backoffMaxMs));
}
