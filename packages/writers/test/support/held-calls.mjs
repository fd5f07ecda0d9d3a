// Loaded into the threads that write, before they begin: while a pipe `<WAYBILL_HOLDS>/<call>-<file name>` exists, that
// call for a file of that name does not return until somebody opens the pipe. Like a disk that hangs, that keeps the
// thread in a system call. A file `….held` beside the pipe tells that it does.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename, join } from "node:path";
import process from "node:process";

const holds = process.env.WAYBILL_HOLDS;
const { openSync, writeSync, fsyncSync, existsSync, writeFileSync } = fs;
const names = new Map();

function hold(call, name) {
  const pipe = join(holds, `${call}-${name}`);
  if (!existsSync(pipe)) return;
  writeFileSync(`${pipe}.held`, "");
  openSync(pipe, "r");
}

fs.openSync = (path, ...more) => {
  const name = basename(String(path));
  hold("open", name);
  const fd = openSync(path, ...more);
  names.set(fd, name);
  return fd;
};
fs.writeSync = (fd, ...more) => {
  hold("write", names.get(fd));
  return writeSync(fd, ...more);
};
fs.fsyncSync = (fd) => {
  hold("sync", names.get(fd));
  fsyncSync(fd);
};
syncBuiltinESMExports();
