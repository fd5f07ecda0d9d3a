import type { ByteBuffer } from "./byte-buffer.ts";

const quote = 0x22;
const backslash = 0x5c;
const hexDigits = Buffer.from("0123456789abcdef", "latin1");

/** The short escapes of JSON, by code unit. */
const shortEscapes: ReadonlyMap<number, number> = new Map(
  [..."\b\f\n\r\t"].map((unit, index) => [unit.charCodeAt(0), "bfnrt".charCodeAt(index)]),
);

/**
 * From this length on, one native search and one native copy are cheaper than a loop over the units: the break-even is
 * about 50 (`benchmarks/src/encode-parts`).
 */
const nativeCopyUnits = 64;

/** Anything that cannot be copied as one byte: a quote, a backslash, a control character, or non-ASCII. */
const notClean = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/**
 * Whether a unit is written as `\uXXXX` although JSON would allow it raw: DEL and C1 controls move the cursor of a
 * terminal, U+2028/9 break lines in some readers, and bidirectional controls make a line read as another one.
 */
function isUnsafeToShow(unit: number): boolean {
  return (
    (unit >= 0x7f && unit <= 0x9f) ||
    unit === 0x061c ||
    unit === 0x200e ||
    unit === 0x200f ||
    (unit >= 0x2028 && unit <= 0x202e) ||
    (unit >= 0x2066 && unit <= 0x2069) ||
    unit === 0xfeff
  );
}

/** Appends text that is known to be ASCII without anything to escape, without quotes around it. */
export function appendAscii(into: ByteBuffer, text: string): void {
  const { length } = text;
  into.reserve(length);
  const { words } = into;
  let at = into.length;
  for (let index = 0; index < length; index++) words.setUint8(at++, text.charCodeAt(index));
  into.length = at;
}

/**
 * Appends a JSON string with its quotes.
 *
 * Clean ASCII is copied while it is checked; the first other unit sends the rest through the slow path. Lone
 * surrogates become `\uXXXX`, as `JSON.stringify` writes them since ES2019.
 *
 * @param unitsMax - UTF-16 units of `text` to keep; what is beyond is left out and told by a mark `…[+N]`.
 */
export function appendJsonString(into: ByteBuffer, text: string, unitsMax: number): void {
  const { length } = text;
  if (length >= nativeCopyUnits || length > unitsMax) {
    appendLongString(into, text, unitsMax);
    return;
  }
  into.reserve(length + 2);
  // Through the view and not through the typed array, which takes a tenth longer (`benchmarks/src/encode-parts`).
  const { words } = into;
  let at = into.length;
  words.setUint8(at++, quote);
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) {
      into.length = at;
      appendEscaped(into, text, index);
      appendQuote(into);
      return;
    }
    words.setUint8(at++, unit);
  }
  words.setUint8(at++, quote);
  into.length = at;
}

/** The same for a string that may be too long, or is long enough for a native search and copy. */
function appendLongString(into: ByteBuffer, text: string, unitsMax: number): void {
  const shown = text.length <= unitsMax ? text : text.slice(0, cutBeforePair(text, unitsMax));
  appendQuote(into);
  if (notClean.test(shown)) {
    appendEscaped(into, shown, 0);
  } else {
    into.reserve(shown.length);
    into.length += into.bytes.write(shown, into.length, shown.length, "latin1");
  }
  if (shown.length < text.length) appendEscaped(into, `…[+${text.length - shown.length}]`, 0);
  appendQuote(into);
}

function appendQuote(into: ByteBuffer): void {
  into.reserve(1);
  into.bytes[into.length++] = quote;
}

/** Where to cut so that a surrogate pair is not torn apart. */
function cutBeforePair(text: string, unitsMax: number): number {
  const last = text.charCodeAt(unitsMax - 1);
  return last >= 0xd800 && last <= 0xdbff ? unitsMax - 1 : unitsMax;
}

/** Appends `text` from an index on as the inside of a JSON string, any unit allowed. */
function appendEscaped(into: ByteBuffer, text: string, from: number): void {
  const end = text.length;
  // Six bytes is the most that one unit can take: \uXXXX.
  into.reserve((end - from) * 6);
  const { bytes } = into;
  let at = into.length;
  for (let index = from; index < end; index++) {
    const unit = text.charCodeAt(index);
    if (unit === quote || unit === backslash) {
      bytes[at++] = backslash;
      bytes[at++] = unit;
    } else if (unit >= 0x20 && unit < 0x7f) {
      bytes[at++] = unit;
    } else if (unit < 0x20) {
      const short = shortEscapes.get(unit);
      if (short === undefined) {
        at = putUnicodeEscape(bytes, at, unit);
      } else {
        bytes[at++] = backslash;
        bytes[at++] = short;
      }
    } else if (isUnsafeToShow(unit)) {
      at = putUnicodeEscape(bytes, at, unit);
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      const low = unit <= 0xdbff && index + 1 < end ? text.charCodeAt(index + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        at = putPair(bytes, at, unit, low);
        index++;
      } else {
        at = putUnicodeEscape(bytes, at, unit);
      }
    }
  }
  into.length = at;
}

function putUnicodeEscape(bytes: Buffer, at: number, unit: number): number {
  bytes[at] = backslash;
  bytes[at + 1] = 0x75;
  for (let digit = 0; digit < 4; digit++) {
    bytes[at + 2 + digit] = hexDigits[(unit >> (12 - 4 * digit)) & 0xf] as number;
  }
  return at + 6;
}

function putPair(bytes: Buffer, at: number, high: number, low: number): number {
  const point = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  bytes[at] = 0xf0 | (point >> 18);
  bytes[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  bytes[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  bytes[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
