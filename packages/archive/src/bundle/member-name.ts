import { createTreeLayout, isLogFile, segmentStateOf } from "@waybill/log-tree";

/** The manifest of a bundle, in its root. */
export const bundleManifestName = "manifest.json";
/** The marker of the tree that a bundle was made from. */
export const markerName = ".waybill/tree.json";

const nameBytesMax = 1024;
const portablePart = /^[A-Za-z0-9._%~@-]{1,255}$/;
const layout = createTreeLayout("/");

/**
 * The path at which a member of a bundle may be restored, from the root and with `/`.
 *
 * Only names of the format of a log tree pass, so nothing can lead out of the directory: no absolute path, no `..`, no
 * backslash, no drive, no NUL, and nothing foreign.
 *
 * @returns undefined for any other name.
 */
export function memberPathOf(name: string): string | undefined {
  const path = name.startsWith("./") ? name.slice(2) : name;
  if (Buffer.byteLength(path) > nameBytesMax) return undefined;
  const parts = path.split("/");
  if (!parts.every((part) => portablePart.test(part) && part !== "." && part !== "..")) return undefined;
  if (path === bundleManifestName || path === markerName) return path;
  const location = layout.locate(parts.join("/"));
  return location !== undefined && isLogFile({ state: segmentStateOf(location) }) ? path : undefined;
}

/** Whether the name of a directory leads nowhere else. Directories are passed over: files bring their own. */
export function isHarmlessDirectory(name: string): boolean {
  const parts = name.replace(/\/$/, "").split("/");
  return parts.every((part) => portablePart.test(part) && part !== "..");
}

/** One text for names that one file system may take for the same. */
export function foldedName(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
