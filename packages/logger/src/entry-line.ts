import { parseEntry } from "@waybill/log-tree";
import type { EntryInput, EntrySource } from "@waybill/protocols";

/**
 * The entry of a line that an encoder has made here.
 *
 * @param line - its bytes.
 * @param source - that of the entry, the very object, by which writers recognise it.
 */
export function entryOfLine(line: Buffer, source: EntrySource): EntryInput {
  const entry = parseEntry(line.toString());
  if (entry === undefined) throw new Error(`no entry: ${line.toString("utf8", 0, 200)}`);
  const { containerId: _, componentName: __, seq: ___, ...fields } = entry;
  return { ...fields, source };
}
