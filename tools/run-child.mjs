// Starts a command on the caller's terminal, passes signals on, and answers with the exit code a shell would give.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** Resolves to the exit code, 128 + n when signal n ended the command, 127 when it could not be started. */
export function runChild(command, args) {
  // Windows starts `npx`, which is a script there, through a shell only; Node itself may lie below a path with spaces.
  const needsShell = process.platform === "win32" && command !== process.execPath;
  const child = spawn(command, args, { stdio: "inherit", shell: needsShell });

  // A terminal sends Ctrl-C to the whole group: wait for the child, which may need time to drain. Other signals
  // reach this process only, so they are handed on.
  const handlers = {
    SIGINT: () => undefined,
    SIGTERM: () => child.kill("SIGTERM"),
    SIGHUP: () => child.kill("SIGHUP"),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);

  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`cannot run ${command}: ${error.message}`);
      resolve(127);
    });
    child.on("exit", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  }).finally(() => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  });
}

/**
 * Runs a script of package.json with nothing but Node and npm, and without the lines that pnpm prints around it; what
 * fails still tells why. The pinned pnpm is one of the dependencies: npx has to find it only where nothing is installed.
 */
export async function runScript(...args) {
  const { packageManager } = readJson("../package.json");
  const isInstalled = () =>
    `pnpm@${readJson("../node_modules/pnpm/package.json")?.version}` === packageManager;
  if (!isInstalled()) {
    const installed = await runChild("npx", ["--yes", packageManager, "install"]);
    if (installed !== 0) return installed;
  }
  if (!isInstalled()) return runChild("npx", ["--yes", packageManager, "--silent", "run", ...args]);
  const pnpm = fileURLToPath(new URL("../node_modules/pnpm/bin/pnpm.mjs", import.meta.url));
  return runChild(process.execPath, [pnpm, "--silent", "run", ...args]);
}

/** @param path - relative to this file. Undefined when there is no such file, or half of one. */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
  } catch {
    return undefined;
  }
}
