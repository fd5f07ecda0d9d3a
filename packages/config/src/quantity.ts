/** A unit that a number without a unit is in, as the key of the setting ends. */
export type Unit = "bytes" | "kb" | "mb" | "gb" | "seconds" | "days";

const sizes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 2 ** 10,
  kib: 2 ** 10,
  mb: 2 ** 20,
  mib: 2 ** 20,
  gb: 2 ** 30,
  gib: 2 ** 30,
  tb: 2 ** 40,
  tib: 2 ** 40,
};

const durations: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const scales: Readonly<
  Record<Unit, { readonly symbols: Readonly<Record<string, number>>; readonly one: number }>
> = {
  bytes: { symbols: sizes, one: 1 },
  kb: { symbols: sizes, one: 2 ** 10 },
  mb: { symbols: sizes, one: 2 ** 20 },
  gb: { symbols: sizes, one: 2 ** 30 },
  seconds: { symbols: durations, one: 1000 },
  days: { symbols: durations, one: 86_400_000 },
};

/** What a size looks like, for editors. */
export const sizePattern = "^[0-9]+(\\.[0-9]+)? ?([kKmMgGtT][iI]?)?[bB]$";

/** What a share of a disk looks like, for editors. */
export const sharePattern = "^[0-9]+(\\.[0-9]+)? ?%$";

/** What a duration looks like, for editors. */
export const durationPattern = "^[0-9]+(\\.[0-9]+)? ?(ms|s|m|min|h|d|w)$";

const quantity = /^([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z]{1,3})$/;

/**
 * Reads a size (`100MB`, `1.5 GiB`; all units are powers of 1024, as the `_mb` and `_gb` keys are) or a duration
 * (`7d`, `50ms`; `m` is minutes) into a unit.
 *
 * @returns the number in that unit, or undefined when the text is none.
 */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const match = quantity.exec(text);
  if (match === null) return undefined;
  const [, digits = "", symbol = ""] = match;
  const { symbols, one } = scales[unit];
  const name = symbols === sizes ? symbol.toLowerCase() : symbol;
  const scale = Object.hasOwn(symbols, name) ? symbols[name] : undefined;
  return scale === undefined ? undefined : (Number(digits) * scale) / one;
}

const percentage = /^([0-9]{1,3}(?:\.[0-9]{1,15})?) ?%$/;

/**
 * Reads a share such as `5%`.
 *
 * @returns the number before the sign, or undefined when the text is none.
 */
export function parsePercent(text: string): number | undefined {
  const digits = percentage.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
