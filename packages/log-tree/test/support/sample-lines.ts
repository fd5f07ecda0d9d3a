/** What a sample line differs in. */
export interface SampleFields {
  readonly atMs?: number;
  readonly container?: string;
  readonly component?: string;
  readonly message?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** One line of format 1, with `\n`. */
export function sampleLine(seq: number, fields: SampleFields = {}): string {
  const { atMs = 1_000_000 + seq, container = "c", component = "d", message = `m${seq}`, context } = fields;
  const entry = {
    timestamp: new Date(atMs).toISOString(),
    level: "INFO",
    message,
    container_id: container,
    component_name: component,
    event_scope: "component_internal",
    seq,
    context,
  };
  return `${JSON.stringify(entry)}\n`;
}

/** Lines `from` to `to`, both included. */
export function sampleLines(from: number, to: number, fields: SampleFields = {}): string {
  let text = "";
  for (let seq = from; seq <= to; seq += 1) text += sampleLine(seq, fields);
  return text;
}

/** All items of an iteration. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
