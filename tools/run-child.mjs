// Starts a command on the caller's terminal, passes signals on, and answers with the exit code a shell would give.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";

/** Resolves to the exit code, 128 + n when signal n ended the command, 127 when it could not be started. */
export function runChild(command, args) {
  const child = spawn(command, args, { stdio: "inherit", shell: process.platform === "win32" });

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

/** Runs a script of package.json through the pinned pnpm, so that Node and npm are all a fresh clone needs. */
export function runScript(...args) {
  const manifest = new URL("../package.json", import.meta.url);
  const { packageManager } = JSON.parse(readFileSync(manifest, "utf8"));
  const inPnpm = process.env.npm_config_user_agent?.startsWith("pnpm/");
  return inPnpm
    ? runChild("pnpm", ["run", ...args])
    : runChild("npx", ["--yes", packageManager, "run", ...args]);
}
