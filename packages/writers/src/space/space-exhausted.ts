import { isWaybillError, WaybillError } from "@waybill/protocols";

/** A write was not made, because all streams together have written what they may. */
export function spaceExhausted(wantedBytes: number, remainingBytes: number): WaybillError {
  return new WaybillError(
    "WAYBILL_SPACE_EXHAUSTED",
    `${wantedBytes} bytes are to be written, and ${remainingBytes} are left of what all streams may write together`,
    { details: { wantedBytes, remainingBytes } },
  );
}

export function isSpaceExhausted(error: unknown): error is WaybillError {
  return isWaybillError(error, "WAYBILL_SPACE_EXHAUSTED");
}

/** Bytes that were left when a write was refused for want of space; 0 when it failed otherwise. */
export function spaceLeft(error: unknown): number {
  return isSpaceExhausted(error) ? Number(error.details["remainingBytes"]) : 0;
}
