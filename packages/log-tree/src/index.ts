// Reading a tree.

export {
  type Inventory,
  type InventoryProblem,
  type InventorySummary,
  type ListSegmentsOptions,
  listSegments,
} from "./inventory.ts";
export type { LedgerContainer, LedgerTotals } from "./ledger-sums.ts";
export { type ReadEntriesOptions, readEntries } from "./merge-entries.ts";
export type { ReadProblem, ReadProblemCode, ReadReport } from "./read-report.ts";
export { type EntryReading, type ReadOptions, readSegment } from "./read-segment.ts";
export { type ReadableTree, readTree } from "./read-tree.ts";
export { isLogFile, type Segment, type SegmentState, segmentStateOf } from "./segment.ts";
export type { ReadEntry } from "./segment-cursor.ts";
export { type LedgerDrift, openTreeLedger, type TreeLedger, type TreeLedgerOptions } from "./tree-ledger.ts";

// Creating a tree, and its paths.

export { type LogTree, type OpenTreeOptions, openTree } from "./open-tree.ts";
export { type StreamAddress, type StreamKind, streamKinds } from "./stream-address.ts";
export { createTreeLayout, type SegmentLocation, type TreeLayout } from "./tree-layout.ts";
export { type TreeMarker, treeFormat } from "./tree-marker.ts";
export { createTreeNames, type TreeNames } from "./tree-names.ts";

// Entries as lines, for authors of writers.

export { ByteBuffer } from "./byte-buffer.ts";
export { defaultEncodingLimits, type EncodingLimits } from "./encoding-limits.ts";
export { entryKeys, parseEntry } from "./entry-codec.ts";
export { createEntryEncoder, type EntryEncoder } from "./entry-encoder.ts";
export { type EntryTimes, entryTimesBytes, entryTimesOf } from "./entry-times.ts";
export { forEachLine, levelOfLine, renumberLines, seqOfLine } from "./line-bytes.ts";

// Long loops over a tree, for authors of packages that look at all of it.

export { createEventLoopTurn } from "./event-loop-turn.ts";

// Names on disk, for authors of packages that make or move segments.

export { formatCheckedLine, parseCheckedLine } from "./checked-line.ts";
export { createNameTable, type NameTable } from "./name-table.ts";
export { decodePathPart, encodePathPart, encodePathPartFolded, pathPartBytesMax } from "./path-part.ts";
export {
  type Aside,
  type AsideReason,
  compareSegments,
  formatSegmentName,
  formatStamp,
  parseSegmentName,
  parseStamp,
  type Seal,
  type SegmentName,
  type SegmentNameParts,
} from "./segment-name.ts";
export { raiseStreamFloor, readStreamFloor, type StreamFloor } from "./stream-floor.ts";
