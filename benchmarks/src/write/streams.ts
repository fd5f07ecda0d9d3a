import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Stream } from "./contestant.ts";

/** Each component has a file of its own. */
export const componentsPerContainer = 3;

/** The files of the workload, laid out as a log tree lays them out; their directories are made. */
export function makeStreams(root: string, containers: number): Stream[] {
  return Array.from({ length: containers }, (_, container) => {
    const containerId = `container_${String(container + 1).padStart(4, "0")}`;
    const directory = join(root, "containers", containerId);
    mkdirSync(directory, { recursive: true });
    return Array.from({ length: componentsPerContainer }, (_, component) => {
      const componentName = `component_${component + 1}`;
      return { containerId, componentName, file: join(directory, `${componentName}.log`) };
    });
  }).flat();
}

/** The files that several components share under `--fan-out`, for peers. */
export function makeSharedStreams(root: string): Stream[] {
  return ["master", "flows", "trade_correlations", "error_correlations"].map((componentName) => ({
    containerId: "shared",
    componentName,
    file: join(root, `${componentName}.log`),
  }));
}
