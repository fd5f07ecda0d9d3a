import { decodePathPart, encodePathPart, encodePathPartFolded } from "./path-part.ts";
import type { StreamAddress, StreamKind } from "./stream-address.ts";

const masterName = "master";
const flowSuffix = "_event_flows";
const correlationSuffix = "_correlations";
// The parts of a made-up name are cut so that the whole stays within 128 bytes; `_` in a tier takes three.
const coordinatorBytesMax = 40;
const tierBytesMax = 24;
const prefixBytesMax = 114;

/** A way to turn an id into a path part. */
type Encode = (id: string, bytesMax?: number) => string;

/** The name of a stream's files without suffixes, in the usual form and in the one that survives case folding. */
export interface StreamName {
  readonly name: string;
  readonly alternative: string;
}

/** The name of a stream within its directory. */
export function streamNameOf(address: StreamAddress): StreamName {
  return { name: nameBy(address, encodePathPart), alternative: nameBy(address, encodePathPartFolded) };
}

function nameBy(address: StreamAddress, encode: Encode): string {
  switch (address.kind) {
    case "master":
      return masterName;
    case "container":
    case "system":
      return encode(address.component);
    case "correlation":
      return encode(address.prefix, prefixBytesMax) + correlationSuffix;
    case "flow":
      return `${encode(address.coordinator, coordinatorBytesMax)}_${encodeTier(address.tier, encode)}${flowSuffix}`;
  }
}

/** The last `_` before the suffix parts coordinator and tier, so the tier must have none of its own. */
function encodeTier(tier: string, encode: Encode): string {
  return encode(tier, tierBytesMax).replaceAll("_", "%5F");
}

/** What a stream's name says; ids that were cut are undefined. */
export interface StreamNameIds {
  readonly component?: string | undefined;
  readonly coordinator?: string | undefined;
  readonly tier?: string | undefined;
  readonly prefix?: string | undefined;
}

/** The ids in a stream's name, or undefined when the name is none of this kind. */
export function parseStreamName(kind: StreamKind, name: string): StreamNameIds | undefined {
  switch (kind) {
    case "master":
      return name === masterName ? {} : undefined;
    case "container":
    case "system":
      return { component: decodePathPart(name) };
    case "correlation":
      return name.endsWith(correlationSuffix)
        ? { prefix: decodePathPart(name.slice(0, -correlationSuffix.length)) }
        : undefined;
    case "flow":
      return parseFlowName(name);
  }
}

function parseFlowName(name: string): StreamNameIds | undefined {
  const [, coordinator, tier] = /^(.+)_([^_]+)_event_flows$/.exec(name) ?? [];
  if (coordinator === undefined || tier === undefined) return undefined;
  return { coordinator: decodePathPart(coordinator), tier: decodePathPart(tier.replaceAll("%5F", "_")) };
}
