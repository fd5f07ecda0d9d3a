// `node tools/pnpm.mjs <script> [arguments]` runs a script of package.json where only Node and npm are installed.
import { runScript } from "./run-child.mjs";

process.exit(await runScript(...process.argv.slice(2)));
