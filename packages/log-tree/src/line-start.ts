import { type Level, levels } from "@waybill/protocols";
import type { ByteBuffer } from "./byte-buffer.ts";
import { entryKeys } from "./entry-codec.ts";
import { appendPrepared, type PreparedText, prepareAscii } from "./prepared-text.ts";

const beforeTimestamp = `{"${entryKeys.timestampMs}":"`;
/** Where the three digits of the milliseconds stand. */
const millisecondsAt = beforeTimestamp.length + "2026-11-22T10:30:01.".length;
/** 9999-12-31T23:59:59.999Z. Later years have more digits, and from ±8.64e15 ms on `toISOString` throws. */
const timestampMsMax = 253_402_300_799_999;

/** The start of the lines of one level in one second. */
interface Second {
  readonly level: Level;
  /** Milliseconds since the epoch at which the second begins. */
  startMs: number;
  text: PreparedText;
}

/**
 * Appends everything before the message: `{"timestamp":"2026-11-22T10:30:01.123Z","level":"INFO","message":`.
 *
 * The text of the current second is kept per level, so that `toISOString`, which costs as much as half a line, is
 * called once per second.
 */
export class LineStart {
  readonly #seconds: Readonly<Record<Level, Second>>;
  /** That of the last line: most lines have the level of the one before. */
  #second: Second;

  constructor() {
    this.#seconds = Object.fromEntries(levels.map((level) => [level, secondOf(0, level)])) as Record<
      Level,
      Second
    >;
    this.#second = this.#seconds.INFO;
  }

  /** @param timestampMs - milliseconds since the epoch; the fraction is cut. What the years 1970 to 9999 do not hold becomes 0. */
  append(into: ByteBuffer, level: Level, timestampMs: number): void {
    const second = this.#second.level === level ? this.#second : this.#seconds[level];
    let milliseconds = timestampMs - second.startMs;
    if (!(milliseconds >= 0 && milliseconds < 1000)) {
      const validMs = timestampMs >= 0 && timestampMs <= timestampMsMax ? timestampMs : 0;
      milliseconds = validMs % 1000;
      Object.assign(second, secondOf(validMs - milliseconds, level));
    }
    this.#second = second;
    const at = into.length + millisecondsAt;
    appendPrepared(into, second.text);
    const { bytes } = into;
    const whole = milliseconds | 0;
    const tens = (whole / 10) | 0;
    const hundreds = (whole / 100) | 0;
    bytes[at] = 0x30 + hundreds;
    bytes[at + 1] = 0x30 + tens - hundreds * 10;
    bytes[at + 2] = 0x30 + whole - tens * 10;
  }
}

function secondOf(startMs: number, level: Level): Second {
  const timestamp = new Date(startMs).toISOString();
  const text = `${beforeTimestamp}${timestamp}","${entryKeys.level}":"${level}","${entryKeys.message}":`;
  return { level, startMs, text: prepareAscii(text) };
}
