import { z } from "zod";
import { configSchema } from "./schema.ts";

/**
 * The JSON Schema (draft 7, which editors of YAML know best) of a configuration file.
 *
 * Published as `@waybill/config/schema.json`. It checks keys, types and ranges; that a key is not given twice under
 * two names, or contradicts another, only loading finds.
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(configSchema, { io: "input", target: "draft-07" }) };
}
