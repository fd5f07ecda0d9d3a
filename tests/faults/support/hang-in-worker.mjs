// Loaded into the threads that write, before they begin: while a pipe exists, a write into one file does not return until
// somebody opens the pipe. Like a disk that hangs, that keeps the thread in a system call.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { workerData } from "node:worker_threads";

const { file, pipe } = workerData.hang;
const { openSync, writeSync } = fs;
const hanging = new Set();

fs.openSync = (path, ...more) => {
  const fd = openSync(path, ...more);
  if (path === file) hanging.add(fd);
  else hanging.delete(fd);
  return fd;
};
fs.writeSync = (fd, ...more) => {
  if (hanging.has(fd) && fs.existsSync(pipe)) openSync(pipe, "r");
  return writeSync(fd, ...more);
};
syncBuiltinESMExports();
