// One end of a process: argv = dist of one or more copies of the package, then the way to end, then the path.
import process from "node:process";

const [copies, way, file] = process.argv.slice(2);
const loaded = await Promise.all(copies.split(",").map((copy) => import(copy)));
const lastCopy = loaded.at(-1);
/** Listeners that the application has before it logs for the first time. */
const earlier = {
  earlierOnce: () => process.once("SIGTERM", () => setTimeout(() => process.exit(7), 200)),
  earlierThrow: () =>
    process.on("exit", () => {
      throw new Error("thrown");
    }),
  earlierExit: () => process.on("exit", () => process.exit(3)),
};
earlier[way]?.();
if (way === "firstInExit") process.on("exit", logAll);
else logAll();

function logAll() {
  for (const [index, { openFileWriter }] of loaded.entries()) {
    const writer = openFileWriter({
      // Of one directory, the second copy would write part files.
      path: `${file}/${index}/app.log`,
      flushIntervalMs: 60_000,
      batchEntriesMax: 100_000,
    });
    for (let n = 1; n <= 1000; n++) {
      writer.write({
        timestampMs: 1,
        level: "INFO",
        message: "entry",
        source: { containerId: "c1", componentName: "app" },
        scope: "component_internal",
        context: { n },
      });
    }
  }
}
const ends = {
  late: () => {
    const late = lastCopy.openFileWriter({ path: `${file}/late/app.log` });
    const source = { containerId: "c1", componentName: "app" };
    const write = (n) =>
      late.write({
        timestampMs: 1,
        level: "INFO",
        message: "entry",
        source,
        scope: "internal_bus",
        context: { n },
      });
    write(1);
    process.on("exit", () => {
      for (let n = 2; n <= 1000; n++) write(n);
    });
  },
  natural: () => undefined,
  exit: () => process.exit(3),
  throw: () => {
    throw new Error("thrown");
  },
  reject: () => void Promise.reject(new Error("rejected")),
  sigterm: () => process.kill(process.pid, "SIGTERM"),
  earlierOnce: () => process.kill(process.pid, "SIGTERM"),
  earlierThrow: () => undefined,
  earlierExit: () => undefined,
  firstInExit: () => undefined,
  sigint: () => process.kill(process.pid, "SIGINT"),
  own: () => {
    let calls = 0;
    process.on("SIGTERM", () => {
      calls++;
      setTimeout(() => process.exit(6 + calls), 200);
    });
    process.kill(process.pid, "SIGTERM");
  },
};
ends[way]();
if (way.startsWith("sig") || way === "own" || way === "earlierOnce") setTimeout(() => process.exit(99), 5000);
