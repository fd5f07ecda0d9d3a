import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { WaybillError } from "@waybill/protocols";
import { maxFileBytes } from "./input-limits.ts";
import { nameOfType, onOneLine } from "./shown-value.ts";

const advice: Readonly<Record<string, string>> = {
  ENOENT: "does not exist; create it, or give the path of another",
  ENOTDIR: "does not exist: a part of its path is a file; correct the path",
  EACCES: "may not be read; give this user the right to read it",
  EPERM: "may not be read; give this user the right to read it",
  EISDIR: "is a directory; give the path of a file",
  ELOOP: "is a link that leads in a circle; correct the link",
};

function unreadable(path: string, problem: string, cause?: unknown): WaybillError {
  const message = path === "" ? problem : `${onOneLine(path)}  ${problem}`;
  const details = { file: path };
  return new WaybillError(
    "WAYBILL_CONFIG_UNREADABLE",
    message,
    cause === undefined ? { details } : { cause, details },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown error";
}

/** Reads at most one byte more than allowed, so that a file that grows meanwhile cannot fill the memory. */
function readBytes(fd: number, path: string): Uint8Array {
  const stats = fstatSync(fd);
  if (stats.isDirectory()) throw unreadable(path, "is a directory; give the path of a file");
  if (!stats.isFile()) throw unreadable(path, "is no ordinary file; give the path of a file");
  const bytes = new Uint8Array(Math.min(stats.size, maxFileBytes) + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(fd, bytes, length, bytes.length - length, null);
  }
  if (length > maxFileBytes) {
    throw unreadable(
      path,
      `is larger than ${maxFileBytes} bytes; a configuration is not that long, check the path`,
    );
  }
  return bytes.subarray(0, length);
}

function decode(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw unreadable(path, "is UTF-16; save it as UTF-8");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(path, "is not UTF-8; save it as UTF-8", error);
  }
}

/**
 * The text of a configuration file, without its byte order mark.
 *
 * @throws {WaybillError} `WAYBILL_CONFIG_UNREADABLE` with the cause and what to do.
 * @throws {TypeError} when the path is no text.
 */
export function readConfigFile(path: string): string {
  if (typeof path !== "string") {
    throw new TypeError(`the path of a configuration file must be text, is ${nameOfType(path)}`);
  }
  if (path === "")
    throw unreadable(path, "the path of the configuration file is empty; give the path of a file");
  let fd: number | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return decode(readBytes(fd, path), path);
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    const code = codeOf(error);
    throw unreadable(path, advice[code] ?? `cannot be read (${code}); check the path`, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
