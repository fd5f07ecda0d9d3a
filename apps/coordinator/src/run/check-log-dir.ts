import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { createTreeLayout } from "@waybill/log-tree";
import { AppError, systemReason } from "../cli/app-error.ts";

/**
 * Refuses a directory that holds somebody else's files: an empty or new one becomes a tree, a Waybill tree is
 * continued.
 *
 * @returns whether a tree is continued.
 * @throws {AppError} exit code 2 for a foreign directory, 3 for one that cannot be read.
 */
export function checkLogDir(logDir: string): boolean {
  const root = resolve(logDir);
  if (existsSync(createTreeLayout(root).marker)) return true;
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return false;
    throw new AppError(3, `cannot use the log directory ${logDir}: ${systemReason(cause)}`, {
      fix: "name another one with --log-dir",
      cause,
    });
  }
  if (names.length === 0) return false;
  throw new AppError(2, `the log directory ${logDir} holds ${names[0]} and is no Waybill log tree`, {
    fix: "name a new or empty directory with --log-dir",
  });
}
