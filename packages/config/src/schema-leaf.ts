import { type Level, levelSpellings, levels, parseLevel } from "@waybill/protocols";
import { z } from "zod";
import {
  durationPattern,
  parsePercent,
  parseQuantity,
  sharePattern,
  sizePattern,
  type Unit,
} from "./quantity.ts";

/** The bounds of a number, both allowed, and what holds when the key is absent. */
export interface NumberRule {
  readonly min: number;
  readonly max: number;
  readonly default?: number | undefined;
}

/** A name that the user gives: it ends up in file names and on terminals, so it is short and has no control characters. */
const namePattern = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,128}$/u;
const nameError = "must be a name of 1 to 128 characters without control characters";

/** A name, where only the value is wanted. Editors get a pattern that means the same with and without the u flag. */
export const bareName = z
  .string({ error: nameError })
  .regex(namePattern, { error: nameError })
  .meta({ pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]{1,128}$" });

/** A required or optional name with its description. */
export function name(description: string) {
  return bareName.meta({ description });
}

/** Text of a free form that its own check judges. */
export function text(
  description: string,
  expected: string,
  accepts: (value: string) => boolean,
  byDefault: string,
) {
  const error = `must be ${expected}`;
  return z.string({ error }).refine(accepts, { error }).optional().meta({ description, default: byDefault });
}

/** `true` or `false`. */
export function flag(description: string, byDefault: boolean) {
  return z.boolean({ error: "must be true or false" }).optional().meta({ description, default: byDefault });
}

/** One of a few words. */
export function word<const Words extends readonly [string, ...string[]]>(description: string, words: Words) {
  return z
    .enum(words, { error: `must be one of ${words.join(", ")}` })
    .optional()
    .meta({ description });
}

/** A whole number. */
export function integer(description: string, { min, max, default: byDefault }: NumberRule) {
  const error = `must be an integer from ${min} to ${max}`;
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .optional()
    .meta(byDefault === undefined ? { description } : { description, default: byDefault });
}

/** A number that need not be whole. */
export function real(description: string, { min, max, default: byDefault }: NumberRule) {
  const error = `must be a number from ${min} to ${max}`;
  return z
    .number({ error })
    .min(min, { error })
    .max(max, { error })
    .optional()
    .meta(byDefault === undefined ? { description } : { description, default: byDefault });
}

const unitWords: Readonly<
  Record<Unit, { readonly example: string; readonly word: string; readonly pattern: string }>
> = {
  bytes: { word: "bytes", example: "1MB", pattern: sizePattern },
  kb: { word: "KB", example: "64kB", pattern: sizePattern },
  mb: { word: "MB", example: "100MB", pattern: sizePattern },
  gb: { word: "GB", example: "10GB", pattern: sizePattern },
  seconds: { word: "seconds", example: "5s", pattern: durationPattern },
  days: { word: "days", example: "7d", pattern: durationPattern },
};

function withUnit(unit: Unit, { min, max }: NumberRule, error: string) {
  const accepts = (value: string): boolean => {
    const number = parseQuantity(value, unit);
    return number !== undefined && number >= min && number <= max;
  };
  return z.string({ error }).refine(accepts, { error }).meta({ pattern: unitWords[unit].pattern });
}

/** A size or duration under a key that ends with its unit: a number, or text that names a unit itself. */
export function quantity(description: string, unit: Unit, rule: NumberRule) {
  const { word: unitWord, example } = unitWords[unit];
  const error = `must be ${rule.min} to ${rule.max} ${unitWord} (a number, or text such as "${example}")`;
  const number = z.number({ error }).min(rule.min, { error }).max(rule.max, { error });
  return z
    .union([number, withUnit(unit, rule, error)], { error })
    .transform((value) => (typeof value === "number" ? value : (parseQuantity(value, unit) ?? rule.min)))
    .optional()
    .meta(rule.default === undefined ? { description } : { description, default: rule.default });
}

/** The same under a key without unit: only text that names its unit. */
export function quantityText(canonicalKey: string, unit: Unit, rule: NumberRule) {
  const { word: unitWord, example } = unitWords[unit];
  const error = `must be text with a unit, such as "${example}", of ${rule.min} to ${rule.max} ${unitWord}`;
  return withUnit(unit, rule, error)
    .transform((value) => parseQuantity(value, unit) ?? rule.min)
    .optional()
    .meta({ description: `The same as \`${canonicalKey}\`, as text with a unit, such as "${example}".` });
}

const shareError =
  'must be a share of 0.1 to 90 % such as "5%", or a size with a unit such as "2GB", up to 1024 TB';

function readShare(text: string): { readonly bytes: number } | { readonly percent: number } | undefined {
  const percent = parsePercent(text);
  if (percent !== undefined) return percent >= 0.1 && percent <= 90 ? { percent } : undefined;
  const bytes = parseQuantity(text, "bytes");
  return bytes !== undefined && bytes >= 1 && bytes <= 2 ** 50 ? { bytes } : undefined;
}

/** An optional part of a disk: a share of its capacity or a size, always with its sign or unit. */
export function share(description: string) {
  return z
    .string({ error: shareError })
    .refine((value) => readShare(value) !== undefined, { error: shareError })
    .meta({ anyOf: [{ pattern: sharePattern }, { pattern: sizePattern }] })
    .transform((value) => readShare(value) ?? { percent: 0.1 })
    .optional()
    .meta({ description });
}

const levelError = `must be one of ${levels.join(", ")} (or ${levelSpellings
  .filter((spelling) => !levels.some((level) => level.toLowerCase() === spelling))
  .join(", ")}), in any case`;

/** `warn` as a pattern that takes any case, since JSON Schema has no flag for it. */
function anyCase(spelling: string): string {
  return spelling.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

/** A level in either vocabulary and any case. */
export const bareLevel = z
  .string({ error: levelError })
  .refine((value) => parseLevel(value) !== undefined, { error: levelError })
  .transform((value): Level => parseLevel(value) ?? "INFO")
  .meta({ anyOf: [{ enum: levels }, { pattern: `^(${levelSpellings.map(anyCase).join("|")})$` }] });

/** An optional level with its description. */
export function level(description: string, byDefault?: Level) {
  return bareLevel
    .optional()
    .meta(byDefault === undefined ? { description } : { description, default: byDefault });
}

const mapError = "must be a map of keys";

/** A map with known keys. A key with nothing below it (`logging:`) counts as absent, as YAML writers expect. */
export function section<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return z.strictObject(shape, { error: mapError }).nullish().meta({ description });
}

/** A map whose keys the user chooses. */
export function namedMap<Value extends z.ZodType>(description: string, value: Value) {
  return z.record(bareName, value, { error: mapError }).nullish().meta({ description });
}
