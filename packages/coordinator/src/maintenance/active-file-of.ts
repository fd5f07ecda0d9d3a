import * as path from "node:path";
import { formatSegmentName, parseSegmentName } from "@waybill/log-tree";

/** The active segment of the stream that a sealed one belongs to: the same path for a name that is none. */
export function activeFileOf(sealedPath: string): string {
  const name = parseSegmentName(path.basename(sealedPath));
  if (name === undefined) return sealedPath;
  const { component, writer } = name;
  return path.join(path.dirname(sealedPath), formatSegmentName({ component, writer }));
}
