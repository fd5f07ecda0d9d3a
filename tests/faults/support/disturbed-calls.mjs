// Counts the calls of node:fs into one directory, and has the N-th of them fail or end the process: in this thread and
// in those that it starts. Import it before whatever calls. A call counts in all its forms: `fs.xSync`, `fs.x`,
// `fs.promises.x`, and the methods of a FileHandle, of which streams make use.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import workerThreads from "node:worker_threads";

/** Calls after which the same is on disk. */
const looking = ["read", "readv", "stat", "lstat", "fstat", "readdir", "close"];
const changing = [
  ...["write", "writev", "fsync", "fdatasync", "ftruncate", "futimes", "utimes", "fchmod", "chmod"],
  ...["rename", "link", "unlink", "rm", "mkdir", "rmdir"],
];
/** The call that a method of a FileHandle makes. */
const callOfMethod = {
  ...{ read: "read", readv: "readv", write: "write", writev: "writev", close: "close", chmod: "fchmod" },
  ...{ sync: "fsync", datasync: "fdatasync", stat: "fstat", truncate: "ftruncate", utimes: "futimes" },
};

/** Threads that are started inherit what is set under this key. */
const key = "waybill: disturbed calls";
const place = workerThreads.getEnvironmentData(key) ?? { numbers: new Int32Array(new SharedArrayBuffer(16)) };
const { numbers } = place;
/** Places in {@link numbers}. */
const isOn = 0;
const made = 1;
const inWork = 2;
const hits = 3;

/** Descriptors and handles of files in the directory. */
const opened = new Set();

/**
 * Begins to count.
 *
 * @param under - path of the directory.
 * @param at - number of the call that is disturbed; 0 for none.
 * @param effect - `kill` ends the process before the call; else the code of its error, such as `EIO`.
 * @param isStuck - whether all calls after it fail too.
 * @param isChanging - whether only calls count after which something else is on disk.
 */
export function beginToDisturb({ under, at, effect, isStuck = false, isChanging = false }) {
  Object.assign(place, { under, at, effect, isStuck, isChanging });
  workerThreads.setEnvironmentData(key, place);
  numbers[made] = 0;
  numbers[hits] = 0;
  Atomics.store(numbers, isOn, 1);
}

/** Ends it. @returns calls made, and how many of them were disturbed. */
export function endDisturbing() {
  Atomics.store(numbers, isOn, 0);
  return { calls: numbers[made], hits: numbers[hits] };
}

/** Looks without being counted. */
export const { readdirSync } = { ...fs };

/** Resolves when no call was made for so long, or when something is so. */
export async function quietFor(ms, isSo = () => false) {
  let seen = numbers[made];
  let lastMs = performance.now();
  while (!isSo() && performance.now() - lastMs < ms) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (seen === numbers[made] && numbers[inWork] === 0) continue;
    seen = numbers[made];
    lastMs = performance.now();
  }
}

function isInside(target) {
  if (opened.has(target)) return true;
  return typeof target === "string" && target.startsWith(place.under ?? "\0");
}

function changes(verb, args) {
  if (verb !== "open") return !looking.includes(verb);
  return typeof args[1] === "number" && (args[1] & fs.constants.O_CREAT) !== 0;
}

/** @returns the error that the call has to end with, or undefined. */
function disturbance(verb, args) {
  const { at, effect, isStuck, isChanging } = place;
  // The second of two paths: what else stands there is no descriptor.
  const isMeant = isInside(args[0]) || (typeof args[1] === "string" && isInside(args[1]));
  if (Atomics.load(numbers, isOn) === 0 || !isMeant) return undefined;
  if (isChanging && !changes(verb, args)) return undefined;
  const number = Atomics.add(numbers, made, 1) + 1;
  if (number !== at && !(isStuck && at > 0 && number > at)) return undefined;
  Atomics.add(numbers, hits, 1);
  if (effect === "kill") process.kill(process.pid, "SIGKILL");
  const where = typeof args[0] === "string" ? ` '${args[0]}'` : "";
  return Object.assign(new Error(`${effect}: call ${number}, ${verb}${where}`), {
    code: effect,
    syscall: verb,
  });
}

/** What the outcome of a call changes in what counts. A `close` that fails has closed all the same, as on Linux. */
function note(verb, [target], result) {
  if (verb === "open" && isInside(target)) opened.add(result);
  if (verb === "close") opened.delete(target);
}

function disturbSync(verb) {
  const call = fs[`${verb}Sync`];
  fs[`${verb}Sync`] = (...args) => {
    const error = disturbance(verb, args);
    if (error !== undefined && verb !== "close") throw error;
    const result = call(...args);
    note(verb, args, result);
    if (error !== undefined) throw error;
    return result;
  };
}

function disturbCallback(verb) {
  const call = fs[verb];
  fs[verb] = (...args) => {
    const done = args.pop();
    const injected = disturbance(verb, args);
    if (injected !== undefined && verb !== "close") return void process.nextTick(done, injected);
    Atomics.add(numbers, inWork, 1);
    call(...args, (error, ...results) => {
      Atomics.sub(numbers, inWork, 1);
      if (!error) note(verb, args, results[0]);
      done(injected ?? error, ...results);
    });
  };
}

function disturbPromise(owner, method, verb, argsOf) {
  const call = owner[method];
  owner[method] = async function (...args) {
    const seen = argsOf(this, args);
    const injected = disturbance(verb, seen);
    if (injected !== undefined && verb !== "close") throw injected;
    Atomics.add(numbers, inWork, 1);
    try {
      const result = await call.apply(this, args);
      note(verb, seen, result);
      if (injected !== undefined) throw injected;
      return result;
    } finally {
      Atomics.sub(numbers, inWork, 1);
    }
  };
}

const someHandle = await fs.promises.open(process.execPath);
const handlePrototype = Object.getPrototypeOf(someHandle);
await someHandle.close();
for (const verb of ["open", ...changing, ...looking]) {
  if (fs[`${verb}Sync`] !== undefined) disturbSync(verb);
  if (fs[verb] !== undefined) disturbCallback(verb);
  if (fs.promises[verb] !== undefined) disturbPromise(fs.promises, verb, verb, (_, args) => args);
}
for (const [method, verb] of Object.entries(callOfMethod)) {
  disturbPromise(handlePrototype, method, verb, (handle, args) => [handle, ...args]);
}
workerThreads.Worker = class extends workerThreads.Worker {
  constructor(file, options) {
    super(file, { ...options, execArgv: ["--import", import.meta.url] });
  }
};
syncBuiltinESMExports();
