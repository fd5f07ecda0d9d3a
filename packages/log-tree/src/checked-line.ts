import { crc32 } from "node:zlib";

const framed = /^\{"crc":"([0-9a-f]{8})",(.*)\}$/;

/**
 * A line of a manifest below `.waybill/manifests`, without its `\n`: an object of which the first member is the CRC-32
 * of the others, as they stand there. What is undefined is left out.
 *
 * @param fields - at least one is not undefined.
 */
export function formatCheckedLine(fields: Readonly<Record<string, unknown>>): string {
  const members = JSON.stringify(fields).slice(1, -1);
  return `{"crc":"${checksumOf(members)}",${members}}`;
}

/** Reads such a line. @returns the fields that were written; undefined when it is cut or damaged. */
export function parseCheckedLine(line: string): Readonly<Record<string, unknown>> | undefined {
  const [, crc, members = ""] = framed.exec(line) ?? [];
  if (crc === undefined || checksumOf(members) !== crc) return undefined;
  try {
    return JSON.parse(`{${members}}`) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function checksumOf(members: string): string {
  return crc32(members).toString(16).padStart(8, "0");
}
