import { z } from "zod";

/** The schema below wrappers that say only that a value may be absent or is read further. */
export function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodPipe) {
    inner = inner instanceof z.ZodPipe ? inner.in : inner.unwrap();
  }
  return inner;
}

/** The known keys of a map with their schemas; undefined when the keys are free or there are none. */
export function fieldsOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) return inner.shape;
  if (!(inner instanceof z.ZodUnion)) return undefined;
  for (const option of inner.options) {
    const fields = fieldsOf(option);
    if (fields !== undefined) return fields;
  }
  return undefined;
}

/** The schema of what stands under a key; undefined when anything may. */
export function childOf(schema: unknown, key: string | number): unknown {
  const fields = fieldsOf(schema);
  if (fields !== undefined) return Object.hasOwn(fields, key) ? fields[key] : undefined;
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) return typeof key === "number" ? inner.element : undefined;
  if (inner instanceof z.ZodRecord)
    return inner.valueType instanceof z.ZodUnknown ? undefined : inner.valueType;
  if (!(inner instanceof z.ZodUnion)) return undefined;
  return inner.options.map((option) => childOf(option, key)).find((child) => child !== undefined);
}
