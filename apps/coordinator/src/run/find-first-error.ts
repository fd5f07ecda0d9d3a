import { listSegments, readEntries } from "@waybill/log-tree";
import { type LogEntry, severityOf } from "@waybill/protocols";

/** The earliest entry of ERROR or above with a correlation id, from the index of failed ids; undefined if none. */
export async function findFirstError(root: string, correlationId: string): Promise<LogEntry | undefined> {
  const { segments } = await listSegments(root, { kinds: ["correlation"], archived: false });
  const errors = segments.filter(({ prefix }) => prefix === "error");
  const filter = (entry: LogEntry) =>
    entry.correlationId === correlationId && severityOf[entry.level] >= severityOf.ERROR;
  for await (const { entry } of readEntries(errors, { contains: correlationId, filter })) return entry;
  return undefined;
}
