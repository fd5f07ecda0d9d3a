/** Bytes sent with one request at most; a line is at most 1 MiB long, unless the limits were raised. */
const sentBytesMax = 1_048_576;

/** As many whole lines as go with one request; a longer line goes alone. */
export function sendableBytes(bytes: Buffer, length: number): number {
  if (length <= sentBytesMax) return length;
  const end = bytes.lastIndexOf(0x0a, sentBytesMax - 1) + 1;
  return end > 0 ? end : bytes.indexOf(0x0a) + 1;
}
