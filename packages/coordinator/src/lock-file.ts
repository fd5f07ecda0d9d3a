import * as path from "node:path";
import { encodePathPart, type TreeLayout } from "@waybill/log-tree";

/**
 * Where the lock of a directory of streams lies: each has its own, so that processes can share a tree and divide the
 * containers among them.
 */
export function lockFileOf({ root, locks }: TreeLayout, directory: string): string {
  return path.join(locks, encodePathPart(path.relative(root, directory) || "."));
}
