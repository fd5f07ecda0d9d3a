import { cleanId, idLengthMax } from "@waybill/correlation";

/** What had to be done to make the fields of events fit to be written. */
export interface RepairCounts {
  /** Fields longer than their limit, shortened. */
  cut: number;
  /** Fields that were no text, or could not be read, replaced. */
  replaced: number;
}

/** Longest event type and container id in a flow record, in UTF-16 code units. */
const nameLengthMax = 256;

/**
 * Makes a text of bounded length out of whatever a caller passed. Numbers become digits; null, undefined and the
 * empty text are absent; everything else is absent and counted.
 */
export function cleanName(value: unknown, repairs: RepairCounts): string | undefined {
  if (typeof value === "string") {
    if (value.length <= nameLengthMax) return value === "" ? undefined : value;
    repairs.cut += 1;
    // Through bytes, because a slice would keep the whole original text in memory for as long as it lives.
    return Buffer.from(value.slice(0, nameLengthMax)).toString();
  }
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  repairs.replaced += 1;
  return undefined;
}

/**
 * Makes an id safe in the same way as `@waybill/correlation`, so that an event and its children agree on it.
 *
 * @param known - an id already clean; a value equal to it needs no work.
 */
export function cleanEventId(
  value: unknown,
  known: string | undefined,
  repairs: RepairCounts,
): string | undefined {
  if (value === undefined || value === known) return known === value ? known : undefined;
  if (typeof value === "string" && value.length > idLengthMax) repairs.cut += 1;
  const text = typeof value === "string" ? value : cleanName(value, repairs);
  return cleanId(text);
}
