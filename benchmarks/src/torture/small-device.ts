import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A device so small that it fills up. */
export interface SmallDevice {
  readonly dir: string;
  /** Makes space again. */
  free(): void;
  unmount(): void;
}

/**
 * Mounts a tmpfs of which `freeBytes` are free, and as much again after `free`.
 *
 * @returns undefined where this process may not mount.
 */
export function mountSmallDevice(parent: string, freeBytes: number): SmallDevice | undefined {
  const mountPoint = join(parent, "device");
  mkdirSync(mountPoint);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${freeBytes * 8}`, "tmpfs", mountPoint], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  const ballast = join(mountPoint, ".ballast");
  writeFileSync(ballast, Buffer.alloc(freeBytes * 7));
  const dir = join(mountPoint, "logs");
  mkdirSync(dir);
  return {
    dir,
    free: () => rmSync(ballast),
    unmount: () => execFileSync("umount", ["--lazy", mountPoint], { stdio: "ignore" }),
  };
}
