import { findFirstFailure } from "./first-failure.ts";
import type { ContainerShare, Flow, Hop } from "./flow.ts";
import { unknownContainer } from "./flow-record.ts";
import { formatDurationMs } from "./format-duration.ts";

/** How a flow line is written. */
export interface FlowLineOptions {
  /** Only ASCII signs: `->`, `-->`, `X`, `o`, `...`. Default false. */
  readonly ascii?: boolean;
}

const signs = {
  unicode: { to: "→", lost: "⇢", failed: "✗", downstream: "○", ongoing: "…" },
  ascii: { to: "->", lost: "-->", failed: "X", downstream: "o", ongoing: "..." },
} as const;

type Signs = (typeof signs)[keyof typeof signs];

/** Failures and losses beside the critical path that are written out; the rest is a number. */
const besidesMax = 3;

/**
 * Formats a flow on one line, the containers of its critical path with their share of the time:
 * `trade_abc123  ok  data_container 2ms → strategy_015 5ms → risk_container 15ms → execution 45ms   total 67ms`.
 *
 * The first failure has `✗`, failures that follow from it `○`. A lost event is
 * `risk_container 15ms ⇢ ✗ execution_container (lost, reliable)`. What failed or was lost beside the critical path
 * stands behind the total. Control characters in ids are shown as `\x1b`, so that it always is one line.
 */
export function formatFlowLine(flow: Flow, { ascii = false }: FlowLineOptions = {}): string {
  const sign = ascii ? signs.ascii : signs.unicode;
  const first = findFirstFailure(flow.hops);
  const firstHops = new Set(first === undefined ? [] : [first.hop, ...first.others]);
  let path = "";
  for (const share of mergeNeighbours(flow)) {
    const hop = share.hop === undefined ? undefined : flow.hops[share.hop];
    const joint = path === "" ? "" : hop?.status === "lost" ? ` ${sign.lost} ` : ` ${sign.to} `;
    path += joint + formatShare(share, hop, firstHops, sign);
  }
  const onPath = new Set(flow.criticalPath);
  const besides = [...firstHops].filter((index) => !onPath.has(index));
  const words = [flow.correlationId, flow.status].map(showControls).join("  ");
  return `${words}  ${path}   total ${formatDurationMs(flow.totalMs)}${formatBesides(besides, flow, sign)}`;
}

/** Events inside a container are no hop to the reader: their time belongs to the container. */
function mergeNeighbours(flow: Flow): readonly ContainerShare[] {
  const merged: ContainerShare[] = [];
  for (const share of flow.shares) {
    const previous = merged.at(-1);
    const hop = share.hop === undefined ? undefined : flow.hops[share.hop];
    if (previous !== undefined && hop?.tier === "internal" && hop.status === "ok") {
      merged[merged.length - 1] = { ...previous, ms: (previous.ms ?? 0) + (share.ms ?? 0) };
    } else {
      merged.push(share);
    }
  }
  return merged;
}

function formatShare(
  share: ContainerShare,
  hop: Hop | undefined,
  firstHops: ReadonlySet<number>,
  sign: Signs,
): string {
  const container = showControls(share.container);
  if (hop?.status === "lost") return `${sign.failed} ${container} (lost, ${showControls(hop.tier)})`;
  const time = share.ms === undefined ? "" : ` ${formatDurationMs(share.ms)}`;
  if (hop?.status === "open") return `${container}${time}${sign.ongoing}`;
  if (hop?.status !== "error") return container + time;
  return `${container}${time} ${firstHops.has(hop.index) ? sign.failed : sign.downstream}`;
}

function formatBesides(indexes: readonly number[], flow: Flow, sign: Signs): string {
  const texts = indexes.slice(0, besidesMax).map((index) => {
    const hop = flow.hops[index];
    if (hop === undefined) return "";
    const target = showControls(hop.target ?? unknownContainer);
    const tier = showControls(hop.tier);
    if (hop.status !== "lost") return `${sign.failed} ${target} (failed, ${tier})`;
    return `${showControls(hop.source)} ${sign.lost} ${sign.failed} ${target} (lost, ${tier})`;
  });
  if (indexes.length > besidesMax) texts.push(`${indexes.length - besidesMax} more`);
  return texts.map((text) => `   ${text}`).join("");
}

const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function showControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
