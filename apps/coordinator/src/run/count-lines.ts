import { createReadStream } from "node:fs";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isLogFile, listSegments, type Segment } from "@waybill/log-tree";

const lineFeed = 0x0a;
const chunkBytes = 1_048_576;

/** The lines of a log tree by the kind of their stream, as `wc -l` counts them; compressed files are unpacked. */
export async function countLines(root: string): Promise<ReadonlyMap<string, number>> {
  const lines = new Map<string, number>();
  const { segments } = await listSegments(root);
  for (const segment of segments) {
    // For a moment the compressed and the plain file of a segment may lie side by side.
    if (segment.shadowed || !isLogFile(segment)) continue;
    lines.set(segment.kind, (lines.get(segment.kind) ?? 0) + (await linesOf(segment)));
  }
  return lines;
}

async function linesOf({ path }: Segment): Promise<number> {
  let lines = 0;
  const unpacker = path.endsWith(".gz") ? createGunzip() : new PassThrough();
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  await pipeline(file, unpacker, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) lines += 1;
    }
  }).catch(() => undefined);
  // What cannot be read does not count: a report is no reason to fail.
  return lines;
}
