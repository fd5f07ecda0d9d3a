// Loaded into a worker before the package: while a file named by WAYBILL_FULL exists, no write finds room; while a pipe
// named by WAYBILL_HANG does, no write returns until somebody opens it; while a file named by WAYBILL_SLOW does, each
// takes 30 ms; while one named by WAYBILL_SYNCS does, every fsync adds a line with the inode of its file to it; while a
// pipe named by WAYBILL_HANG_SEAL does, no segment gets its sealed name until somebody opens it.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

const { WAYBILL_FULL: full, WAYBILL_HANG: hang, WAYBILL_SLOW: slow, WAYBILL_SYNCS: syncs } = process.env;
const { WAYBILL_HANG_SEAL: hangSeal } = process.env;
const { writeSync, openSync, fsyncSync, fstatSync, existsSync, appendFileSync, linkSync } = fs;
if (hangSeal !== undefined) {
  fs.linkSync = (from, to) => {
    if (to.endsWith(".log") && existsSync(hangSeal)) openSync(hangSeal, "r");
    linkSync(from, to);
  };
}
if (hang !== undefined) {
  fs.writeSync = (...args) => {
    if (existsSync(hang)) openSync(hang, "r");
    return writeSync(...args);
  };
}
if (slow !== undefined) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  fs.writeSync = (...args) => {
    if (existsSync(slow)) Atomics.wait(never, 0, 0, 30);
    return writeSync(...args);
  };
}
if (full !== undefined) {
  const write = fs.writeSync;
  fs.writeSync = (fd, ...args) => {
    if (existsSync(full)) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    return write(fd, ...args);
  };
}
if (syncs !== undefined) {
  fs.fsyncSync = (fd) => {
    if (existsSync(syncs)) appendFileSync(syncs, `${fstatSync(fd).ino}\n`);
    fsyncSync(fd);
  };
}
syncBuiltinESMExports();
