import type { ContainerGauges, MonitorSnapshot } from "../snapshot.ts";
import type { Exposition, Sample } from "./exposition.ts";

/** Series with a container label, for at most `labelledMax` containers, the first known first. */
export function containerMetrics(
  text: Exposition,
  prefix: string,
  { containers }: MonitorSnapshot,
  labelledMax: number,
): void {
  const shown: ContainerGauges[] = [];
  for (const container of containers.values()) {
    if (shown.length >= labelledMax) break;
    shown.push(container);
  }
  text.metric(
    `${prefix}_container_records_total`,
    "counter",
    "Log records offered, by container and level.",
    recordSamples(shown),
  );
  text.metric(
    `${prefix}_container_disk_usage_bytes`,
    "gauge",
    "Bytes of the log tree, by container.",
    shown.map(({ containerId, bytes }) => ({ labels: { container: containerId }, value: bytes })),
  );
  text.metric(
    `${prefix}_unlabelled_containers`,
    "gauge",
    "Containers without series of their own, since there are too many.",
    [{ value: containers.size - shown.length }],
  );
}

function* recordSamples(containers: readonly ContainerGauges[]): Generator<Sample> {
  for (const { containerId, byLevel } of containers)
    for (const [level, value] of Object.entries(byLevel ?? {}))
      yield { labels: { container: containerId, level: level.toLowerCase() }, value };
}
