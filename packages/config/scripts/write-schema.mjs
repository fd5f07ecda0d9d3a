import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../dist/index.js";

const target = new URL("../schema/waybill.schema.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
