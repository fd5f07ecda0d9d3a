/**
 * The six event scopes of the on-disk format. Configured tiers add `external_<tier>_tier`, and callers may add
 * `custom:<name>`.
 */
export type EventScope =
  | "internal_bus"
  | "external_fast_tier"
  | "external_standard_tier"
  | "external_reliable_tier"
  | "component_internal"
  | "lifecycle_management"
  | `external_${string}_tier`
  | `custom:${string}`;

/** The six scopes that need no configuration. */
export const eventScopes = [
  "internal_bus",
  "external_fast_tier",
  "external_standard_tier",
  "external_reliable_tier",
  "component_internal",
  "lifecycle_management",
] as const satisfies readonly EventScope[];

/** A transport class between containers: `fast`, `standard`, `reliable`, or a configured one. */
export type Tier = "fast" | "standard" | "reliable" | (string & {});

/** The three tiers that need no configuration. */
export const defaultTiers: readonly Tier[] = ["fast", "standard", "reliable"];
