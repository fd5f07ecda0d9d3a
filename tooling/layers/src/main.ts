import { fileURLToPath } from "node:url";
import { checkLayers } from "./check-layers.ts";

const problems = checkLayers(fileURLToPath(new URL("../../..", import.meta.url)));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log("layers: every package imports only from lower layers");
