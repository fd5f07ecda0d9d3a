import { ByteBuffer } from "./byte-buffer.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { exoticView } from "./exotic-values.ts";
import { memberOf, thrownMark } from "./guarded-read.ts";
import { appendJsonNumber } from "./json-number.ts";
import { appendAscii, appendJsonString } from "./json-text.ts";
import { appendPrepared, PreparedText } from "./prepared-text.ts";
import { PreparedTexts } from "./prepared-texts.ts";

const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const emptyObject = Object.freeze({});

/** Units of a key that are kept; a longer key is told by a mark like any string. */
const keyUnitsMax = 1024;
/** How many values lie between two looks at the clock, which cost about 40 ns each; most entries need none. */
const nodesBetweenLooks = 64;

/** Why the rest of an entry is left out; the text of the mark. */
type Exhaustion = "[too many values]" | "[too large]" | "[took too long]";

/**
 * Writes any JavaScript value as valid JSON, in bounded space and time, without ever throwing.
 *
 * What JSON cannot say is told in words: `[Circular]`, `[Function name]`, `[Throws: …]`, `"NaN"`, `"Infinity"`; a
 * BigInt becomes its decimal digits in a string, a symbol its description, an error
 * `{name, message, code, stack, cause}`, a map an object (or pairs, when a key is no string), a set an array, binary
 * data its type, length and first bytes. `toJSON` is honoured.
 *
 * One instance serves any number of entries, one after the other; a call from inside a getter or `toJSON` is safe,
 * because a further instance serves it.
 */
export class ValueEncoder {
  readonly #limits: EncodingLimits;
  readonly #now: () => number;
  /** `,"key":` by key. */
  readonly #keys = new PreparedTexts(prepareKey);
  /** The objects that enclose the current value, from the outermost, `#depth` in all; of fixed length. */
  readonly #ancestors: (object | undefined)[];
  #depth = 0;
  #nodes = 0;
  #deadlineMs = 0;
  /** Length of the buffer beyond which nothing more is begun. */
  #lengthMax = 0;
  #exhaustion: Exhaustion | undefined;
  #isEncoding = false;
  /** Whether somebody put enumerable members on `Object.prototype`, so that each key must be asked whose it is. */
  #isPolluted = false;

  /** @param now - milliseconds on any monotonic clock. */
  constructor(limits: EncodingLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#ancestors = Array.from({ length: limits.depthMax }, () => undefined);
  }

  /**
   * Appends `value` as JSON.
   *
   * @param lengthMax - length of `into` beyond which no further member is begun; one string may still follow.
   */
  encode(into: ByteBuffer, value: unknown, lengthMax: number): void {
    if (this.#isEncoding) {
      new ValueEncoder(this.#limits, this.#now).encode(into, value, lengthMax);
      return;
    }
    this.#isEncoding = true;
    this.#nodes = 0;
    this.#deadlineMs = 0;
    this.#lengthMax = lengthMax;
    this.#exhaustion = undefined;
    this.#isPolluted = hasEnumerableMember(emptyObject);
    try {
      this.#value(into, value);
    } finally {
      this.#isEncoding = false;
      this.#depth = 0;
    }
  }

  #value(into: ByteBuffer, value: unknown): void {
    switch (typeof value) {
      case "string":
        appendJsonString(into, value, this.#limits.stringUnitsMax);
        return;
      case "number":
        if (Number.isFinite(value)) appendJsonNumber(into, value);
        else appendJsonString(into, String(value), 16);
        return;
      case "boolean":
        appendAscii(into, value ? "true" : "false");
        return;
      case "object":
        if (value === null) appendAscii(into, "null");
        else this.#guardedObject(into, value);
        return;
      case "undefined":
        appendAscii(into, "null");
        return;
      case "bigint":
        appendJsonString(into, bigintText(value, this.#limits.stringUnitsMax), this.#limits.stringUnitsMax);
        return;
      case "symbol":
        appendJsonString(into, String(value), this.#limits.stringUnitsMax);
        return;
      case "function":
        this.#functionMark(into, value);
        return;
    }
  }

  /** An object may be hostile in every access; whatever it throws, the half-written value is taken back. */
  #guardedObject(into: ByteBuffer, value: object): void {
    const start = into.length;
    const depth = this.#depth;
    try {
      if (this.#isAncestor(value)) appendAscii(into, '"[Circular]"');
      else if (depth >= this.#limits.depthMax) {
        appendJsonString(into, Array.isArray(value) ? `[Array(${value.length})]` : "[Object]", 64);
      } else {
        this.#ancestors[depth] = value;
        this.#depth = depth + 1;
        this.#object(into, value);
        this.#ancestors[depth] = undefined;
      }
    } catch (error) {
      into.length = start;
      appendJsonString(into, thrownMark(error), 1024);
    }
    this.#depth = depth;
  }

  #isAncestor(value: object): boolean {
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      if (this.#ancestors[depth] === value) return true;
    }
    return false;
  }

  #object(into: ByteBuffer, value: object): void {
    if (Array.isArray(value)) this.#array(into, value);
    else {
      const prototype = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) this.#plain(into, value);
      else this.#exotic(into, value);
    }
  }

  #plain(into: ByteBuffer, value: object): void {
    // Asked for before any member is read, so that members that toJSON leaves out cost and do nothing.
    const toJson = (value as { readonly toJSON?: unknown }).toJSON;
    if (typeof toJson === "function") this.#replacement(into, value, toJson.call(value));
    else this.#members(into, value, this.#isPolluted);
  }

  #exotic(into: ByteBuffer, value: object): void {
    const view = exoticView(value, this.#limits.membersMax);
    if (view === undefined) this.#members(into, value, true);
    else if (view.kind === "members") this.#members(into, view.members, false, view.omitted);
    else if (view.kind === "elements") this.#array(into, view.elements, view.omitted);
    else this.#replacement(into, value, view.value);
  }

  /** What stands for an object, unless it is an object that stands for itself. */
  #replacement(into: ByteBuffer, original: object, value: unknown): void {
    if (value === original) this.#members(into, original, true);
    else this.#value(into, value);
  }

  /** @param inherits - whether the object may have enumerable members that are not its own. */
  #members(into: ByteBuffer, value: object, inherits: boolean, alreadyOmitted = 0): void {
    const { membersMax } = this.#limits;
    const start = into.length;
    let written = 0;
    let omitted = alreadyOmitted;
    // Not over Object.keys, which makes a list: the whole encoder is 6 to 10 % faster so, measured as two builds with
    // `benchmarks/src/encode --against`.
    for (const key in value) {
      if (inherits && !Object.hasOwn(value, key)) continue;
      if (written >= membersMax || this.#isExhausted(into)) {
        omitted++;
        continue;
      }
      let member: unknown;
      try {
        member = (value as Record<string, unknown>)[key];
      } catch (error) {
        member = thrownMark(error);
      }
      if (member === undefined) continue;
      written++;
      const known = this.#keys.get(key);
      if (known === undefined) appendKey(into, key);
      else appendPrepared(into, known);
      this.#value(into, member);
    }
    if (omitted > 0) this.#omission(into, omitted);
    enclose(into, start, openBrace, closeBrace);
  }

  #omission(into: ByteBuffer, omitted: number): void {
    appendKey(into, "…");
    appendJsonString(into, `[+${omitted}]${this.#exhaustion ?? ""}`, 64);
  }

  #array(into: ByteBuffer, value: readonly unknown[], alreadyOmitted = 0): void {
    const kept = Math.min(value.length, this.#limits.membersMax);
    const start = into.length;
    let index = 0;
    for (; index < kept && !this.#isExhausted(into); index++) {
      appendByte(into, comma);
      this.#value(into, memberOf(value, index));
    }
    const omitted = value.length - index + alreadyOmitted;
    if (omitted > 0) {
      appendByte(into, comma);
      appendJsonString(into, `[+${omitted}]${this.#exhaustion ?? ""}`, 64);
    }
    enclose(into, start, openBracket, closeBracket);
  }

  #functionMark(into: ByteBuffer, value: object): void {
    const name = memberOf(value, "name");
    const text = typeof name === "string" && name !== "" ? `[Function ${name}]` : "[Function]";
    appendJsonString(into, text, 256);
  }

  /** Counts one value and tells whether the entry has used up what it may. */
  #isExhausted(into: ByteBuffer): boolean {
    if (this.#exhaustion !== undefined) return true;
    this.#nodes++;
    if (into.length > this.#lengthMax) this.#exhaustion = "[too large]";
    else if (this.#nodes > this.#limits.nodesMax) this.#exhaustion = "[too many values]";
    else if (this.#nodes % nodesBetweenLooks === 0) {
      const nowMs = this.#now();
      if (this.#deadlineMs === 0) this.#deadlineMs = nowMs + this.#limits.encodeMsMax;
      else if (nowMs > this.#deadlineMs) this.#exhaustion = "[took too long]";
    }
    return this.#exhaustion !== undefined;
  }
}

/** Appends `,"key":`. */
function appendKey(into: ByteBuffer, key: string): void {
  appendByte(into, comma);
  appendJsonString(into, key, keyUnitsMax);
  appendByte(into, colon);
}

function prepareKey(key: string): PreparedText {
  const into = new ByteBuffer();
  appendKey(into, key);
  return new PreparedText(into.view());
}

/** Puts brackets around what was appended from `start` on; the first of them in place of the first comma. */
function enclose(into: ByteBuffer, start: number, open: number, close: number): void {
  if (into.length === start) appendByte(into, open);
  else into.bytes[start] = open;
  appendByte(into, close);
}

function appendByte(into: ByteBuffer, byte: number): void {
  into.reserve(1);
  into.bytes[into.length++] = byte;
}

function hasEnumerableMember(value: object): boolean {
  for (const _ in value) return true;
  return false;
}

/** Decimal digits, unless there are so many that converting them alone would take long (quadratic in V8). */
function bigintText(value: bigint, digitsMax: number): string {
  const bits = BigInt(digitsMax) * 4n;
  const isHuge = value >> bits !== 0n && value >> bits !== -1n;
  return isHuge ? `[BigInt of more than ${bits} bits]` : String(value);
}
