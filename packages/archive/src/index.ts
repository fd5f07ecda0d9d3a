// Archiving sealed segments, and putting right what a crash has left of it.

export type { ArchivePorts, ArchiveSegmentOptions } from "./archive-ports.ts";
export { type ArchivedSegment, archiveSegment } from "./archive-segment.ts";
export { recordRemoval } from "./record-removal.ts";
export { type ArchiveRecovery, type RecoveryProblem, recoverArchive } from "./recover-archive.ts";

// Bundles: logs to hand on.

export type { BundledFile, BundleManifest, BundleProblem } from "./bundle/bundle-manifest.ts";
export type { BundleSelection } from "./bundle/selection.ts";
export type { UnpackLimits } from "./bundle/unpack-budget.ts";
export { type Bundle, type BundleOptions, bundleLogs } from "./bundle-logs.ts";
export { type RestoredBundle, type RestoreOptions, restoreArchive } from "./restore-archive.ts";

// Verifying both.

export type { ArchiveVerification, VerifyProblem, VerifyProblemCode } from "./verification.ts";
export { type VerifyOptions, verifyArchive } from "./verify-archive.ts";

// Shared by all of them, and for programs that tend archives.

export type { RefusalReason, UnarchivableReason } from "./archive-errors.ts";
export { archivePlaceOf } from "./archive-place.ts";
export type { ArchiveProgress, ArchiveStep, LongCallOptions } from "./progress.ts";
export { type ArchivedFile, readArchiveManifest } from "./read-archive-manifest.ts";
