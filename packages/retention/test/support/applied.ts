import {
  planRetention,
  type RetentionPlan,
  type RetentionPolicyOptions,
  type RetentionState,
  readDeletions,
  resolveRetentionPolicy,
} from "../../src/index.ts";
import { type MemoryTree, root } from "./trees.ts";

/** The plan for a tree as it lies there. */
export async function planOf(
  tree: MemoryTree,
  policy: RetentionPolicyOptions = {},
  more: Partial<RetentionState> = {},
): Promise<RetentionPlan> {
  return planRetention({ ...(await tree.readState()), ...more }, resolveRetentionPolicy(policy));
}
/** The manifest in short: `intent 1`. */
export const phases = ({ files }: MemoryTree): string[] =>
  readDeletions(root, { fileSystem: files }).records.map(({ phase, number }) => `${phase} ${number}`);
