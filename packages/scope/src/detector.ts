import { type EventScope, eventScopes, type LogContext, type Tier } from "@waybill/protocols";
import { isCustomScope } from "./event-scope.ts";
import { createTierScopes } from "./tier-scopes.ts";

/** What {@link createScopeDetector} can be told. */
export interface ScopeDetectorOptions {
  /** Tiers beside `fast`, `standard` and `reliable`, which are always known. Names as in `isScopeName`. Default none. */
  readonly tiers?: readonly Tier[];
  /**
   * Called once per unknown but valid tier name, for the first 128 such names; later ones are only counted. What it
   * throws is swallowed. Default: nobody is told.
   */
  readonly onUnknownTier?: (name: string) => void;
}

/** Tells the event scope of a context. */
export interface ScopeDetector {
  /** The scope of a context, `component_internal` when nothing names one. Never throws, keeps nothing of it. */
  detect(context: LogContext | undefined): EventScope;
  /**
   * How often each unknown tier was seen, by name; a copy. At most 128 names: what came after them is counted
   * together under `(other)`.
   */
  unknownTiers(): ReadonlyMap<string, number>;
}

/**
 * Creates a detector. The first row whose key counts decides; a key counts unless its value is false, null or
 * undefined:
 *
 * | key | scope |
 * |---|---|
 * | `internal_scope` | `internal_bus` |
 * | `publish_tier` | `external_<tier>_tier`; a value that is no valid name: `external_standard_tier` |
 * | `event_flow` | the value, if it is a known scope or `custom:<name>`; otherwise the key does not count |
 * | `lifecycle_operation` | `lifecycle_management` |
 * | none of them | `component_internal` |
 *
 * Each key may also be written in camelCase, which is read where the snake_case one is absent or null. A context that throws when it is read is `component_internal`.
 *
 * @throws {RangeError} when a tier of `options.tiers` is no valid name.
 */
export function createScopeDetector(options: ScopeDetectorOptions = {}): ScopeDetector {
  const tiers = createTierScopes(options.tiers ?? [], options.onUnknownTier);
  const named = new Map<unknown, EventScope>(eventScopes.map((scope) => [scope, scope]));
  for (const scope of tiers.configured.values()) named.set(scope, scope);

  // The table above as statements and not as data: V8 caches reads by fixed names, not by a varying key, and inlines
  // what it can see. Rows of functions took a third longer.
  function scopeOfContext(context: LogContext): EventScope {
    if (counts(context.internal_scope ?? context.internalScope)) return "internal_bus";
    const tier = context.publish_tier ?? context.publishTier;
    if (counts(tier)) return tiers.scopeOf(tier);
    const flow = context.event_flow ?? context.eventFlow;
    if (counts(flow)) {
      const scope = named.get(flow) ?? (isCustomScope(flow) ? flow : undefined);
      if (scope !== undefined) return scope;
    }
    if (counts(context.lifecycle_operation ?? context.lifecycleOperation)) return "lifecycle_management";
    return "component_internal";
  }

  return {
    detect(context) {
      if (context === undefined || context === null) return "component_internal";
      try {
        return scopeOfContext(context);
      } catch {
        return "component_internal";
      }
    },
    unknownTiers: tiers.unknownTiers,
  };
}

function counts(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
