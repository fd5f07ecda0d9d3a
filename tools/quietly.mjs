// Runs a command and shows its output only when it fails: a build that goes well has nothing to say.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, {
  stdio: ["ignore", "pipe", "pipe"],
  shell: process.platform === "win32",
});
const chunks = [];
child.stdout.on("data", (chunk) => chunks.push(chunk));
child.stderr.on("data", (chunk) => chunks.push(chunk));
child.on("error", (error) => {
  console.error(`cannot run ${command}: ${error.message}`);
  process.exitCode = 127;
});
child.on("close", (code, signal) => {
  if (code !== 0) process.stderr.write(Buffer.concat(chunks));
  process.exitCode ||= signal ? 128 + constants.signals[signal] : code;
});
