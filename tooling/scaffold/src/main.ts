import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createPackage } from "./scaffold.ts";

const usage = "pnpm new-package <name> --layer <n> [--description <sentence without full stop>]";

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      layer: { type: "string" },
      description: { type: "string" },
    },
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0 || values.layer === undefined) throw new Error(`usage: ${usage}`);
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const layer = /^\d+$/.test(values.layer) ? Number(values.layer) : Number.NaN;
  const folder = createPackage(root, { name, layer, description: values.description });
  console.log(`${folder} created. \`pnpm check\` installs it and passes; describe its one job in README.md.`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
