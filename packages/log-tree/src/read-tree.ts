import { type FileSystem, isWaybillError, nodeFileSystem, WaybillError } from "@waybill/protocols";
import { createTreeLayout, type TreeLayout } from "./tree-layout.ts";
import { readTreeMarker, type TreeMarker } from "./tree-marker.ts";

/** A log tree as a reader finds it. */
export interface ReadableTree {
  readonly layout: TreeLayout;
  /** Undefined for a tree without marker: a part copied from elsewhere, or written by other tools. */
  readonly marker: TreeMarker | undefined;
}

/**
 * Looks at a directory as a log tree, for readers: changes nothing. A directory with `containers/` or `master.log`
 * but no marker is read as format 1, and the result says so by its missing marker.
 *
 * @param root - may be a link to a directory.
 * @throws {WaybillError} `WAYBILL_TREE_NOT_FOUND` when it is no tree or cannot be read, `WAYBILL_TREE_FORMAT_UNKNOWN`
 *   for a tree of another version or with a damaged marker.
 */
export function readTree(root: string, options: { readonly fileSystem?: FileSystem } = {}): ReadableTree {
  const { fileSystem = nodeFileSystem } = options;
  const layout = createTreeLayout(root);
  try {
    const marker = readTreeMarker(layout.marker, fileSystem);
    const names = fileSystem.readdir(layout.root).map((entry) => entry.name);
    if (marker !== undefined || names.includes("containers") || names.includes("master.log"))
      return { layout, marker };
  } catch (error) {
    if (isWaybillError(error)) throw error;
    throw notFound(
      layout.root,
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  throw notFound(layout.root, "has neither .waybill/tree.json nor containers/ nor master.log", undefined);
}

function notFound(root: string, reason: string, cause: unknown): WaybillError {
  return new WaybillError(
    "WAYBILL_TREE_NOT_FOUND",
    `${root} is no log tree: it ${reason}; name the log_dir of a coordinator`,
    {
      cause,
      details: { path: root },
    },
  );
}
