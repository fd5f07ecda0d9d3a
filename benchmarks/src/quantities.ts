const unitBytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
};

/**
 * Bytes of a text such as `64kb`, `200mb` or `1.5gb`; units of 1024.
 *
 * @param option - by which the message names what is wrong.
 * @throws {Error} for anything else, and for less than one byte.
 */
export function parseBytes(option: string, text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)$/i.exec(text.trim());
  const [, amount = "", unit = ""] = found ?? [];
  const bytes = Math.floor(Number(amount) * (unitBytes[unit.toLowerCase()] ?? 0));
  if (found === null || bytes < 1) throw new Error(`${option} takes a size such as 200mb, not ${text}`);
  return bytes;
}

/** @throws {Error} for what is no whole number from 1. */
export function parseCount(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${option} takes whole numbers from 1, not ${text}`);
  return value;
}

/** Bytes as MB (1024²). */
export function megabytes(bytes: number): number {
  return bytes / 1024 ** 2;
}
