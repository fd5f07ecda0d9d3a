// Installs and builds through pnpm, then runs the app as a direct child: npx and pnpm between a terminal and the app
// would return on Ctrl-C while the app is still draining.
import { fileURLToPath } from "node:url";
import { runChild, runScript } from "./run-child.mjs";

const built = await runScript("build");
if (built !== 0) process.exit(built);
const main = fileURLToPath(new URL("../apps/coordinator/dist/main.js", import.meta.url));
process.exit(await runChild(process.execPath, [main, ...process.argv.slice(2)]));
