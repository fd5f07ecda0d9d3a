import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkTarball } from "./check-tarball.ts";
import { packAll } from "./pack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "waybill-pack-check-"));
try {
  const tarballs = await packAll(root, folder);
  const waiting = [...tarballs];
  const problems: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      problems.push(...(await checkTarball(next)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  for (const problem of problems.sort()) console.error(problem);
  if (problems.length > 0 || tarballs.length === 0) process.exitCode = 1;
  else console.log(`pack-check: ${tarballs.length} tarballs are fit to publish`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
