import { hasMembersOfType } from "./structure.ts";

/** Anything that knows which container and component it is. */
export interface ContainerAware {
  readonly containerId: string;
  readonly componentName: string;
}

/** Whether a value has the shape of {@link ContainerAware}. */
export function isContainerAware(value: unknown): value is ContainerAware {
  return hasMembersOfType(value, "string", "containerId", "componentName");
}
