import type { NamedOverride } from "./retention-policy.ts";

const dayMs = 86_400_000;

/**
 * The limits of the streams that differ from the rest, from the general ones:
 * - `system`: archived after 7 days, deleted after 30, whatever the general limits are.
 * - tier `fast`: archived daily, deleted after 7 days; earlier if the general limits are shorter.
 * - tier `standard`: the general limits.
 * - tier `reliable`, and the correlation stream `error`: kept three times as long.
 */
export function defaultOverrides(general: {
  readonly archiveAfterMs: number;
  readonly deleteAfterMs: number;
}): NamedOverride[] {
  const { archiveAfterMs, deleteAfterMs } = general;
  return [
    {
      label: "default for system",
      match: { kind: "system" },
      archiveAfterMs: 7 * dayMs,
      deleteAfterMs: 30 * dayMs,
    },
    {
      label: "default for tier fast",
      match: { kind: "flow", tier: "fast" },
      archiveAfterMs: Math.min(dayMs, archiveAfterMs),
      deleteAfterMs: Math.min(7 * dayMs, deleteAfterMs),
    },
    {
      label: "default for tier reliable",
      match: { kind: "flow", tier: "reliable" },
      deleteAfterMs: 3 * deleteAfterMs,
    },
    {
      label: "default for error correlations",
      match: { kind: "correlation", prefix: "error" },
      deleteAfterMs: 3 * deleteAfterMs,
    },
  ];
}
