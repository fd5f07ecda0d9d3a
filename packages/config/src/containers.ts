import { addIssue, type ConfigReport } from "./config-issue.ts";
import { maxContainers } from "./input-limits.ts";
import type { CheckedConfig } from "./schema.ts";
import { quoted } from "./shown-value.ts";
import type { ComponentConfig, ContainerConfig } from "./waybill-config.ts";

type FileContainer = NonNullable<CheckedConfig["containers"]>[string];
type FileComponents = NonNullable<FileContainer["logging"]>["components"];

/** The ids that a declaration stands for. Three digits, or as many as the last number needs, so that they sort. */
function idsOf(id: string, instances: number | undefined): readonly string[] {
  if (instances === undefined) return [id];
  const digits = Math.max(3, String(instances).length);
  return Array.from({ length: instances }, (_, index) => `${id}_${String(index + 1).padStart(digits, "0")}`);
}

function resolveComponents(components: FileComponents): Readonly<Record<string, ComponentConfig>> {
  const byName: Record<string, ComponentConfig> = Object.create(null);
  if (Array.isArray(components)) {
    for (const component of components) byName[component] = { level: undefined };
    return byName;
  }
  for (const [component, given] of Object.entries(components ?? {})) {
    byName[component] = { level: typeof given === "string" ? given : given?.level };
  }
  return byName;
}

/** Makes one entry per container id. Two declarations that come to the same id are an issue at the later one. */
export function expandContainers(
  declared: NonNullable<CheckedConfig["containers"]>,
  report: ConfigReport,
): Readonly<Record<string, ContainerConfig>> {
  const containers: Record<string, ContainerConfig> = Object.create(null);
  let count = 0;
  for (const [id, { type, instances, logging, settings }] of Object.entries(declared)) {
    count += instances ?? 1;
    if (count > maxContainers) {
      addIssue(report, ["containers", id], `brings the containers above ${maxContainers}; declare fewer`);
      return containers;
    }
    const shared = {
      type,
      logging: { level: logging?.level, components: resolveComponents(logging?.components) },
      settings: Object.assign(Object.create(null), settings),
    };
    for (const containerId of idsOf(id, instances)) {
      if (Object.hasOwn(containers, containerId)) {
        addIssue(
          report,
          ["containers", id],
          `another declaration makes the container ${quoted(containerId)} too; rename one`,
          {
            what: "key",
          },
        );
        break;
      }
      containers[containerId] = { containerId, ...shared };
    }
  }
  return containers;
}
