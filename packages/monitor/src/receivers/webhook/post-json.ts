import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Clock } from "@waybill/protocols";
import { textOfFailure } from "../../text-of-failure.ts";
import { outcomeOfStatus, type PostOutcome } from "./retry-policy.ts";

/** One POST. */
export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds for everything, from the look-up of the name to the answer. */
  readonly timeoutMs: number;
  /** Ends the try at once. */
  readonly signal: AbortSignal;
}

/** Sends one event, once. Never rejects. */
export type PostJson = (options: PostOptions) => Promise<PostOutcome>;

/**
 * Posts by `node:http` or `node:https`, each time over a connection of its own, so that nothing stays open between two
 * alerts. The answer's body is not read, and redirects are not followed: the address is the one that was configured.
 */
export function createPostJson(clock: Clock): PostJson {
  return ({ url, headers, body, timeoutMs, signal }) =>
    new Promise((resolve) => {
      const request = url.protocol === "https:" ? httpsRequest : httpRequest;
      const failed = (reason: string): PostOutcome => ({ kind: "failed", reason, retryAfterMs: undefined });
      const length = String(Buffer.byteLength(body));
      const sent = request(url, {
        method: "POST",
        agent: false,
        headers: { ...headers, "content-type": "application/json", "content-length": length },
      });
      const end = (outcome: PostOutcome): void => {
        timer.cancel();
        signal.removeEventListener("abort", abort);
        // Also closes the connection when there is no answer yet, or one that never ends.
        sent.destroy();
        resolve(outcome);
      };
      const abort = (): void => end(failed("aborted"));
      const timer = clock.setTimer(() => end(failed(`no answer in ${timeoutMs} ms`)), timeoutMs);
      signal.addEventListener("abort", abort);
      sent.on("error", (error) => end(failed(textOfFailure(error))));
      sent.on("response", ({ statusCode = 0, headers: answer }) =>
        end(outcomeOfStatus(statusCode, answer["retry-after"])),
      );
      if (signal.aborted) abort();
      else sent.end(body);
    });
}
