import { isAbsolute, relative } from "node:path";

/** A path as short as it can be typed: relative to the working directory when it lies below. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below;
}
