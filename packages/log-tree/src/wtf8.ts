/**
 * The bytes of a string in WTF-8: UTF-8, except that a surrogate without its partner becomes three bytes instead of
 * U+FFFD. So every JavaScript string has exactly one byte form, and gets back from it unchanged.
 *
 * @see Simon Sapin, "The WTF-8 encoding"
 */
export function toWtf8(text: string): number[] {
  const bytes: number[] = [];
  // Iterating a string yields code points, and a lone surrogate as itself.
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), continuation(point));
    else if (point < 0x1_0000)
      bytes.push(0xe0 | (point >> 12), continuation(point >> 6), continuation(point));
    else
      bytes.push(
        0xf0 | (point >> 18),
        continuation(point >> 12),
        continuation(point >> 6),
        continuation(point),
      );
  }
  return bytes;
}

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/**
 * Reads WTF-8. Lenient about forms that {@link toWtf8} never makes (overlong, split pairs): a caller that needs one
 * form per string encodes the result again and compares.
 *
 * @returns undefined when a byte cannot stand where it stands.
 */
export function fromWtf8(bytes: readonly number[]): string | undefined {
  let text = "";
  for (let index = 0; index < bytes.length; ) {
    const lead = bytes[index] ?? 0;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
    if (length === 0 || lead > 0xf4 || index + length > bytes.length) return undefined;
    let point = length === 1 ? lead : lead & (0xff >> (length + 1));
    for (const byte of bytes.slice(index + 1, index + length)) {
      if ((byte & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    if (point > 0x10_ffff) return undefined;
    text += String.fromCodePoint(point);
    index += length;
  }
  return text;
}
