import type { ByteBuffer } from "./byte-buffer.ts";
import { appendAscii } from "./json-text.ts";

const minus = 0x2d;
const point = 0x2e;
const fourZeros = 0x30303030;
/** "00" to "99", each as the two bytes of a little-endian number. */
const digitPairs = Uint16Array.from({ length: 100 }, (_, number) =>
  Buffer.from(String(number).padStart(2, "0"), "latin1").readUInt16LE(),
);
const tenThousand = 10_000;
const hundredMillion = 100_000_000;

/** Numbers from here on, and those of more decimals, are left to `String`. */
const directMax = 1_000_000_000;
const decimals = 6;
const decimalsScale = 10 ** decimals;
/** Room for every number that is written directly: sign, nine digits, point, and eight digits of which six count. */
const directBytesMax = 24;

/**
 * Appends a number as `JSON.stringify` does; the caller has handled NaN and infinities.
 *
 * Below a thousand million, integers and fractions of at most six decimals are written without an intermediate string:
 * a fifth of the time for a price (`benchmarks/src/encode-parts`). `String` gives the shortest decimal that reads back
 * as the same double. Of the decimals with at most 15 digits only one does, so that one which does is the same.
 */
export function appendJsonNumber(into: ByteBuffer, value: number): void {
  const magnitude = value < 0 ? -value : value;
  if (magnitude >= directMax) {
    appendAscii(into, String(value));
    return;
  }
  const whole = magnitude | 0;
  let millionths = 0;
  if (whole !== magnitude) {
    const scaled = Math.round(magnitude * decimalsScale);
    if (scaled / decimalsScale !== magnitude) {
      appendAscii(into, String(value));
      return;
    }
    millionths = scaled - whole * decimalsScale;
  }
  into.reserve(directBytesMax);
  const { words } = into;
  let at = into.length;
  if (value < 0) words.setUint8(at++, minus);
  at = putInteger(words, at, whole);
  if (millionths > 0) at = putFraction(words, at, millionths);
  into.length = at;
}

/** Puts the digits of an integer below a thousand million, four at a time. */
function putInteger(words: DataView, start: number, value: number): number {
  if (value < tenThousand) return putLeadingDigits(words, start, value);
  const upper = (value / tenThousand) | 0;
  let at = start;
  if (upper < tenThousand) {
    at = putLeadingDigits(words, at, upper);
  } else {
    const top = (value / hundredMillion) | 0;
    at = putLeadingDigits(words, at, top);
    words.setInt32(at, fourDigits(upper - top * tenThousand), true);
    at += 4;
  }
  words.setInt32(at, fourDigits(value - upper * tenThousand), true);
  return at + 4;
}

/** Puts a number of one to four digits: all four, shifted so that the zeros in front are gone. */
function putLeadingDigits(words: DataView, at: number, value: number): number {
  const zeros = Number(value < 10) + Number(value < 100) + Number(value < 1000);
  words.setInt32(at, fourDigits(value) >>> (8 * zeros), true);
  return at + 4 - zeros;
}

/** Puts the point and the decimals, without the zeros at the end. */
function putFraction(words: DataView, at: number, millionths: number): number {
  const upper = (millionths / 100) | 0;
  const four = fourDigits(upper);
  // The last two of the six digits come with two zeros behind them.
  const last = fourDigits((millionths - upper * 100) * 100);
  words.setUint8(at, point);
  words.setInt32(at + 1, four, true);
  words.setInt32(at + 5, last, true);
  // The last digit of four is the highest byte, so that the zeros at the end are the leading zeros of the difference.
  const lastZeros = Math.clz32(last ^ fourZeros) >> 3;
  const zeros = lastZeros < 4 ? lastZeros : 4 + (Math.clz32(four ^ fourZeros) >> 3);
  return at + 9 - zeros;
}

/** The four digits of a number below 10,000, as the bytes of a little-endian number. */
function fourDigits(value: number): number {
  const hundreds = (value / 100) | 0;
  return (digitPairs[hundreds] as number) | ((digitPairs[value - hundreds * 100] as number) << 16);
}
