/** One way to append something; returns where it ends. */
export interface PartCase {
  readonly title: string;
  readonly append: (at: number, index: number) => number;
}

const bytes = Buffer.allocUnsafeSlow(65_536);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const letters = "abcdefghijklmnopqrst";
const quote = 0x22;
const backslash = 0x5c;

function appendAscii(start: number, text: string): number {
  let at = start;
  for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
  return at;
}

/** Ways to copy bytes that are ready. */
function copies(length: number): PartCase[] {
  const source = Buffer.from(letters.repeat(20).slice(0, length), "latin1");
  const padded = Buffer.concat([source, Buffer.alloc(8)]);
  const words = Array.from({ length: Math.ceil(length / 8) }, (_, index) => padded.readDoubleLE(index * 8));
  return [
    {
      title: `${length} ready bytes, one by one`,
      append(at) {
        const end = source.length;
        for (let index = 0; index < end; index++) bytes[at + index] = source[index] as number;
        return at + end;
      },
    },
    {
      title: `${length} ready bytes, \`Uint8Array.prototype.set\``,
      append(at) {
        bytes.set(source, at);
        return at + length;
      },
    },
    {
      title: `${length} ready bytes, **eight by eight**`,
      append(at) {
        for (let index = 0; index < words.length; index++) {
          view.setFloat64(at + index * 8, words[index] as number, true);
        }
        return at + length;
      },
    },
  ];
}

const notClean = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** Ways to copy a string and to find out whether it can be copied. */
function strings(length: number): PartCase[] {
  const texts = Array.from({ length: 64 }, (_, index) => {
    const start = index % letters.length;
    // Parsed, so that V8 keeps it flat and not as a slice of another string, which takes longer to read.
    return JSON.parse(JSON.stringify(letters.repeat(40).slice(start, start + length))) as string;
  });
  return [
    {
      title: `${length} units of a string, each through the typed array`,
      append(at, index) {
        const text = texts[index & 63] as string;
        const end = text.length;
        for (let offset = 0; offset < end; offset++) {
          const unit = text.charCodeAt(offset);
          if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) return at;
          bytes[at + offset] = unit;
        }
        return at + end;
      },
    },
    {
      title: `${length} units of a string, **each through a view**`,
      append(at, index) {
        const text = texts[index & 63] as string;
        const end = text.length;
        for (let offset = 0; offset < end; offset++) {
          const unit = text.charCodeAt(offset);
          if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) return at;
          view.setUint8(at + offset, unit);
        }
        return at + end;
      },
    },
    {
      title: `${length} units of a string, native search and copy`,
      append(at, index) {
        const text = texts[index & 63] as string;
        return notClean.test(text) ? at : at + bytes.write(text, at, length, "latin1");
      },
    },
  ];
}

/** Ways to write a price, which has two decimals. */
function prices(): PartCase[] {
  const priceOf = (index: number): number => ((index * 7919) % 40_000) / 100;
  return [
    { title: "a price, `String`", append: (at, index) => appendAscii(at, String(priceOf(index))) },
    {
      title: "a price, **as an integer of millionths**",
      append(start, index) {
        const price = priceOf(index);
        const scaled = Math.round(price * 1e6);
        if (scaled / 1e6 !== price) return appendAscii(start, String(price));
        const whole = price | 0;
        let at = start;
        for (let scale = whole < 10 ? 1 : whole < 100 ? 10 : 100; scale >= 1; scale = (scale / 10) | 0) {
          bytes[at++] = 0x30 + (((whole / scale) | 0) % 10);
        }
        bytes[at++] = 0x2e;
        let rest = scaled - whole * 1e6;
        for (let scale = 100_000; rest > 0; scale = (scale / 10) | 0) {
          const digit = (rest / scale) | 0;
          bytes[at++] = 0x30 + digit;
          rest -= digit * scale;
        }
        return at;
      },
    },
  ];
}

/** Ways to find the ready form of a key, of the 64 that a process uses, in the order in which they recur. */
function keys(): PartCase[] {
  const texts = Array.from({ length: 64 }, (_, index) => `key_${index}`);
  // Keys of objects are internalised strings, and so are these.
  const internalised = Object.keys(Object.fromEntries(texts.map((text) => [text, 0])));
  const byText = new Map(internalised.map((text, index) => [text, index]));
  return [
    {
      title: "a key, looked up in a map",
      append: (at, index) => at + ((byText.get(internalised[index & 63] as string) ?? 0) & 1),
    },
    {
      title: "a key, **compared with the one that came next the last time**",
      append: (at, index) => at + Number(internalised[index & 63] === internalised[(index + 64) & 63]),
    },
  ];
}

/** Every choice that the encoder makes for speed, each beside what it was chosen over. */
export function partCases(): PartCase[] {
  return [12, 70, 110].flatMap(copies).concat([8, 32, 64, 128].flatMap(strings), prices(), keys());
}
