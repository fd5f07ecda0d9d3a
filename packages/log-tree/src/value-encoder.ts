import type { ByteBuffer } from "./byte-buffer.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { exoticView } from "./exotic-values.ts";
import { describeThrown, memberOf } from "./guarded-read.ts";
import { appendAscii, appendJsonNumber, appendJsonString } from "./json-text.ts";

const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Units of a key that are kept; a longer key is told by a mark like any string. */
const keyUnitsMax = 1024;
/** How many values lie between two looks at the clock, which cost about 40 ns each; most entries need none. */
const nodesBetweenLooks = 64;

/** Why the rest of an entry is left out; the text of the mark. */
type Exhaustion = "" | "[too many values]" | "[too large]" | "[took too long]";

/**
 * Writes any JavaScript value as valid JSON, in bounded space and time, without ever throwing.
 *
 * What JSON cannot say is told in words: `[Circular]`, `[Function name]`, `[Throws: …]`, `"NaN"`, `"Infinity"`; a
 * BigInt becomes its decimal digits in a string, a symbol its description, an error
 * `{name, message, code, stack, cause}`, a map an object (or pairs, when a key is no string), a set an array, binary
 * data its type, length and first bytes. `toJSON` is honoured.
 *
 * One instance serves any number of entries, one after the other; a call from inside a getter or `toJSON` is safe,
 * because {@link encode} keeps and restores what it uses.
 */
export class ValueEncoder {
  readonly #limits: EncodingLimits;
  readonly #now: () => number;
  /** The objects that enclose the current value; at most `depthMax` long. */
  #ancestors: object[] = [];
  #nodes = 0;
  #deadlineMs = 0;
  /** Length of the buffer beyond which nothing more is begun. */
  #lengthMax = 0;
  #exhaustion: Exhaustion = "";

  /** @param now - milliseconds on any monotonic clock. */
  constructor(limits: EncodingLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Appends `value` as JSON.
   *
   * @param lengthMax - length of `into` beyond which no further member is begun; one string may still follow.
   */
  encode(into: ByteBuffer, value: unknown, lengthMax: number): void {
    const outerAncestors = this.#ancestors;
    const outerNodes = this.#nodes;
    const outerDeadlineMs = this.#deadlineMs;
    const outerLengthMax = this.#lengthMax;
    const outerExhaustion = this.#exhaustion;
    this.#ancestors = [];
    this.#nodes = 0;
    this.#deadlineMs = 0;
    this.#lengthMax = lengthMax;
    this.#exhaustion = "";
    try {
      this.#value(into, value);
    } finally {
      this.#ancestors = outerAncestors;
      this.#nodes = outerNodes;
      this.#deadlineMs = outerDeadlineMs;
      this.#lengthMax = outerLengthMax;
      this.#exhaustion = outerExhaustion;
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
    const depth = this.#ancestors.length;
    try {
      this.#object(into, value);
    } catch (error) {
      into.length = start;
      this.#ancestors.length = depth;
      appendJsonString(into, `[Throws: ${describeThrown(error)}]`, 1024);
    }
  }

  #object(into: ByteBuffer, value: object): void {
    if (this.#ancestors.includes(value)) {
      appendAscii(into, '"[Circular]"');
      return;
    }
    if (this.#ancestors.length >= this.#limits.depthMax) {
      appendJsonString(into, Array.isArray(value) ? `[Array(${value.length})]` : "[Object]", 64);
      return;
    }
    this.#ancestors.push(value);
    if (Array.isArray(value)) this.#array(into, value);
    else {
      const prototype = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) this.#plain(into, value);
      else this.#exotic(into, value);
    }
    this.#ancestors.pop();
  }

  #plain(into: ByteBuffer, value: object): void {
    // Asked for before any member is read, so that members that toJSON leaves out cost and do nothing.
    const toJson = (value as { readonly toJSON?: unknown }).toJSON;
    if (typeof toJson === "function") this.#replacement(into, value, toJson.call(value));
    else this.#members(into, value);
  }

  #exotic(into: ByteBuffer, value: object): void {
    const view = exoticView(value, this.#limits.membersMax);
    if (view === undefined) this.#members(into, value);
    else if (view.kind === "members") this.#members(into, view.members, view.omitted);
    else if (view.kind === "elements") this.#array(into, view.elements, view.omitted);
    else this.#replacement(into, value, view.value);
  }

  /** What stands for an object, unless it is an object that stands for itself. */
  #replacement(into: ByteBuffer, original: object, value: unknown): void {
    if (value === original) this.#members(into, original);
    else this.#value(into, value);
  }

  #members(into: ByteBuffer, value: object, alreadyOmitted = 0): void {
    const { membersMax } = this.#limits;
    this.#byte(into, openBrace);
    let written = 0;
    let omitted = alreadyOmitted;
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      if (written >= membersMax || this.#isExhausted(into)) {
        omitted++;
        continue;
      }
      const member = memberOf(value, key);
      if (member === undefined) continue;
      if (written++ > 0) this.#byte(into, comma);
      appendJsonString(into, key, keyUnitsMax);
      this.#byte(into, colon);
      this.#value(into, member);
    }
    if (omitted > 0) this.#omission(into, omitted, written > 0);
    this.#byte(into, closeBrace);
  }

  #omission(into: ByteBuffer, omitted: number, needsComma: boolean): void {
    if (needsComma) this.#byte(into, comma);
    appendJsonString(into, "…", 1);
    this.#byte(into, colon);
    appendJsonString(into, `[+${omitted}]${this.#exhaustion}`, 64);
  }

  #array(into: ByteBuffer, value: readonly unknown[], alreadyOmitted = 0): void {
    const kept = Math.min(value.length, this.#limits.membersMax);
    this.#byte(into, openBracket);
    let index = 0;
    for (; index < kept && !this.#isExhausted(into); index++) {
      if (index > 0) this.#byte(into, comma);
      this.#value(into, memberOf(value, index));
    }
    const omitted = value.length - index + alreadyOmitted;
    if (omitted > 0) {
      if (index > 0) this.#byte(into, comma);
      appendJsonString(into, `[+${omitted}]${this.#exhaustion}`, 64);
    }
    this.#byte(into, closeBracket);
  }

  #functionMark(into: ByteBuffer, value: object): void {
    const name = memberOf(value, "name");
    const text = typeof name === "string" && name !== "" ? `[Function ${name}]` : "[Function]";
    appendJsonString(into, text, 256);
  }

  /** Counts one value and tells whether the entry has used up what it may. */
  #isExhausted(into: ByteBuffer): boolean {
    if (this.#exhaustion !== "") return true;
    this.#nodes++;
    if (into.length > this.#lengthMax) this.#exhaustion = "[too large]";
    else if (this.#nodes > this.#limits.nodesMax) this.#exhaustion = "[too many values]";
    else if (this.#nodes % nodesBetweenLooks === 0) {
      const nowMs = this.#now();
      if (this.#deadlineMs === 0) this.#deadlineMs = nowMs + this.#limits.encodeMsMax;
      else if (nowMs > this.#deadlineMs) this.#exhaustion = "[took too long]";
    }
    return this.#exhaustion !== "";
  }

  #byte(into: ByteBuffer, byte: number): void {
    into.reserve(1);
    into.bytes[into.length++] = byte;
  }
}

/** Decimal digits, unless there are so many that converting them alone would take long (quadratic in V8). */
function bigintText(value: bigint, digitsMax: number): string {
  const bits = BigInt(digitsMax) * 4n;
  const isHuge = value >> bits !== 0n && value >> bits !== -1n;
  return isHuge ? `[BigInt of more than ${bits} bits]` : String(value);
}
