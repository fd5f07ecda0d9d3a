import type { Segment } from "@waybill/log-tree";
import { WaybillError } from "@waybill/protocols";

/** Why a segment cannot be archived. */
export type UnarchivableReason = "not_sealed" | "shadowed" | "live" | "changed" | "vanished" | "damaged";

/** Why a bundle is refused. */
export type RefusalReason =
  /** The file is neither .tar.gz nor .tar.zst nor .zip, or this Node has no zstd. */
  | "format"
  /** The name of a member is none of a log tree: absolute, with `..`, or foreign. */
  | "name"
  /** A member is a link, a device, encrypted, or anything but a file. */
  | "type"
  /** Two members have one name, or names that differ in case only. */
  | "duplicate"
  /** It unpacks to more than the limits allow. */
  | "limit"
  /** It is cut off, or its bytes are not those that were packed. */
  | "damaged"
  /** Its manifest is missing, damaged, of another version, or lists other files. */
  | "manifest";

/** `WAYBILL_SEGMENT_UNARCHIVABLE` */
export function unarchivable(
  segment: Segment,
  reason: UnarchivableReason,
  why: string,
  cause?: unknown,
): WaybillError {
  return new WaybillError("WAYBILL_SEGMENT_UNARCHIVABLE", `${segment.path} cannot be archived: ${why}`, {
    cause,
    details: { path: segment.path, reason },
  });
}

/** `WAYBILL_ARCHIVE_CONFLICT` */
export function conflict(file: string, why: string): WaybillError {
  return new WaybillError(
    "WAYBILL_ARCHIVE_CONFLICT",
    `${file} ${why}; it is left alone: move it away to go on`,
    { details: { path: file } },
  );
}

/** `WAYBILL_ARCHIVE_UNVERIFIED` */
export function unverified(file: string, cause?: unknown): WaybillError {
  return new WaybillError(
    "WAYBILL_ARCHIVE_UNVERIFIED",
    `${file} does not read back as what was packed; check the disk`,
    { cause, details: { path: file } },
  );
}

/** `WAYBILL_ARCHIVE_REFUSED` */
export function refused(
  bundle: string,
  reason: RefusalReason,
  why: string,
  more: { readonly member?: string; readonly cause?: unknown } = {},
): WaybillError {
  const { member, cause } = more;
  const details = { path: bundle, reason, ...(member === undefined ? {} : { member }) };
  return new WaybillError("WAYBILL_ARCHIVE_REFUSED", `${bundle} is refused: ${why}`, { cause, details });
}
