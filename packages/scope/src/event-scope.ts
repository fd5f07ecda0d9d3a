import { type EventScope, eventScopes, type Tier } from "@waybill/protocols";
import { isScopeName, scopeNameMaxLength } from "./scope-name.ts";

const tierPrefix = "external_";
const tierSuffix = "_tier";
const customPrefix = "custom:";
const customLengthMax = customPrefix.length + scopeNameMaxLength;
const namedScopes: ReadonlySet<string> = new Set(eventScopes);

/** Whether a value is `custom:<name>` with a valid name; see {@link isScopeName}. */
export function isCustomScope(value: unknown): value is `custom:${string}` {
  return (
    typeof value === "string" &&
    value.length <= customLengthMax &&
    value.startsWith(customPrefix) &&
    isScopeName(value.slice(customPrefix.length))
  );
}

/**
 * Whether a value has the form of an event scope: one of the six, `external_<tier>_tier` with any valid tier name, or
 * `custom:<name>`. It knows no configuration: whether the tier is a configured one is not asked.
 */
export function isEventScope(value: unknown): value is EventScope {
  if (typeof value !== "string") return false;
  return namedScopes.has(value) || tierOfScope(value) !== undefined || isCustomScope(value);
}

/**
 * The tier that a scope names: `fast` of `external_fast_tier`.
 *
 * @returns undefined for a scope without a tier (`internal_bus`, `custom:audit`, …) and for text that is no scope.
 */
export function tierOfScope(scope: string): Tier | undefined {
  if (!scope.startsWith(tierPrefix) || !scope.endsWith(tierSuffix)) return undefined;
  const name = scope.slice(tierPrefix.length, -tierSuffix.length);
  return isScopeName(name) ? name : undefined;
}

/** The scope of events on a tier: `external_fast_tier` of `fast`. The inverse of {@link tierOfScope}. */
export function scopeOfTier(tier: Tier): EventScope {
  return `${tierPrefix}${tier}${tierSuffix}`;
}
