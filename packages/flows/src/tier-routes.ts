import { defaultTiers, type EventScope, type Tier, type Writer } from "@waybill/protocols";
import { flowScope } from "./flow-record.ts";

/** Most tiers that one tracer opens streams for, `internal` included. */
const tiersMax = 32;

const tierName = /^[a-z][a-z0-9_]{0,31}$/;

/** Where the records of one tier go. */
export interface TierRoute {
  readonly tier: Tier | "internal";
  readonly scope: EventScope;
  /** Undefined when `writerFor` failed: the records of this tier count as unwritten. */
  readonly writer: Writer | undefined;
}

/** The routes of all tiers seen. */
export interface TierRoutes {
  /** The route of a tier; that of `standard` for anything that is no tier name, or one too many. Never throws. */
  routeOf(tier: unknown): TierRoute;
  /** Valid tier names that nobody configured, with their own stream. */
  readonly unconfigured: readonly string[];
  /** Records sent to `standard`, because their tier was no valid name or one too many. */
  readonly rerouted: number;
}

/** Asks `writerFor` once per tier and keeps the answer. */
export function createTierRoutes(
  configured: readonly Tier[],
  writerFor: (tier: Tier | "internal") => Writer,
): TierRoutes {
  const known = new Set<string>([...defaultTiers, "internal", ...configured]);
  for (const tier of known) {
    if (!tierName.test(tier))
      throw new RangeError(`tier name must match ${tierName.source}, got ${JSON.stringify(tier)}`);
  }
  if (known.size > tiersMax) throw new RangeError(`at most ${tiersMax} tiers, got ${known.size}`);
  const routes = new Map<unknown, TierRoute>();
  let rerouted = 0;

  const open = (tier: string): TierRoute => {
    const route = { tier, scope: flowScope(tier), writer: writerOrNone(() => writerFor(tier)) };
    routes.set(tier, route);
    return route;
  };

  return {
    routeOf(tier) {
      const route = routes.get(tier);
      if (route !== undefined) return route;
      // One place stays free for each configured tier, so that stray names cannot push it out.
      const strays = routes.size - [...known].filter((name) => routes.has(name)).length;
      const isTier = typeof tier === "string" && tierName.test(tier);
      if (isTier && (known.has(tier) || strays < tiersMax - known.size)) return open(tier);
      rerouted += 1;
      return routes.get("standard") ?? open("standard");
    },
    get unconfigured() {
      return [...routes.values()].map((route) => route.tier).filter((tier) => !known.has(tier));
    },
    get rerouted() {
      return rerouted;
    },
  };
}

function writerOrNone(open: () => Writer): Writer | undefined {
  try {
    return open();
  } catch {
    // Told by the counter of unwritten records, one for each that this writer would have taken.
    return undefined;
  }
}
