import { randomFillSync } from "node:crypto";
import { type Clock, systemClock } from "@waybill/protocols";

/** Most characters (UTF-16 units) of a correlation id or event id; what is longer is cut. */
export const idLengthMax = 256;

const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/**
 * Makes an id safe to keep, to log and to send, or refuses it.
 *
 * Surrounding white space goes, control characters, line separators and lone surrogates become `_`, and what is
 * longer than 256 characters is cut. Every id passes through here where it enters, so both ends of a boundary cut
 * alike; two ids that differ only after 256 characters become one.
 *
 * @returns undefined for anything but a string, and for a string of which nothing is left.
 */
export function cleanId(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const cleaned = cut(value, idLengthMax).trim().replace(unsafe, "_");
  return cleaned === "" ? undefined : cleaned;
}

/** The first characters of a text, as a string of its own. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  // V8's slice keeps the whole parent alive; a copy lets a huge text go.
  return Buffer.from(text.slice(0, lengthMax), "utf16le").toString("utf16le");
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeCharacters = 9;
const randomCharacters = 12;
const prefixPattern = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

/** Random bytes are drawn for 64 ids at a time, because each call into the operating system costs microseconds. */
const pool = new Uint8Array(randomCharacters * 64);
let poolUsed = pool.length;

function randomPart(): string {
  if (poolUsed === pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  let text = "";
  for (const byte of pool.subarray(poolUsed, poolUsed + randomCharacters)) text += alphabet.charAt(byte & 31);
  poolUsed += randomCharacters;
  return text;
}

function timePart(timestampMs: number): string {
  let text = "";
  for (let rest = timestampMs; text.length < timeCharacters; rest = Math.floor(rest / 32)) {
    text = alphabet.charAt(rest % 32) + text;
  }
  return text;
}

/**
 * Makes a new correlation id, such as `flow_1m82z7xc87vnjeq3xmmb5`: the prefix, the time in milliseconds (9
 * characters, so that ids of one prefix sort by time), and 60 random bits of cryptographic strength.
 *
 * @param prefix - names the kind of flow; 1 to 32 letters, digits and hyphens, first a letter. Default `flow`.
 * @param clock - where the time comes from. Default the clock of this process.
 * @throws {RangeError} when the prefix is none.
 * @see Crockford's Base32 for the alphabet, here in lower case
 */
export function newCorrelationId(prefix = "flow", clock: Pick<Clock, "now"> = systemClock): string {
  if (!prefixPattern.test(prefix)) {
    throw new RangeError(
      `prefix ${JSON.stringify(prefix)} is not valid: use 1 to 32 letters, digits and hyphens, first a letter`,
    );
  }
  return `${prefix}_${timePart(clock.now())}${randomPart()}`;
}
