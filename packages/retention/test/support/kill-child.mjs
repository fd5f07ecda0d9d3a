// Applies a plan to a tree, and is killed before the N-th call that changes something. Prints "done" if there is none.
import { writeSync } from "node:fs";
import process from "node:process";
import { nodeFileSystem } from "@waybill/protocols";

const [copy, root, at, nowMs] = process.argv.slice(2);
const { applyRetention, planRetention, readRetentionState, resolveRetentionPolicy } = await import(copy);
const changing = ["open", "write", "sync", "syncDirectory", "rename", "unlink", "mkdir", "rmdir"];
const clock = {
  now: () => Number(nowMs),
  monotonicUs: () => 0,
  setTimer: () => ({ cancel: () => undefined }),
};
const state = await readRetentionState(root, { clock });
const plan = planRetention(state, resolveRetentionPolicy());

let calls = 0;
const fileSystem = { ...nodeFileSystem };
for (const verb of changing) {
  fileSystem[verb] = (...args) => {
    calls += 1;
    if (calls === Number(at)) process.kill(process.pid, "SIGKILL");
    return nodeFileSystem[verb](...args);
  };
}
const { deleted } = await applyRetention(root, plan, { fileSystem, clock });
writeSync(1, `done ${deleted} ${calls}\n`);
