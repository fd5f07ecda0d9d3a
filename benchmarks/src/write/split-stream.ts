import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { BufferedFiles } from "./buffered-files.ts";
import type { Stream } from "./contestant.ts";

const sourcePattern = /"container_id":"([^"]*)","component_name":"([^"]*)"/;

/**
 * Worker side of the contestant `pino-worker`: finds the file of each line by its container and component.
 *
 * A pino transport has to be the default export of its module.
 */
// biome-ignore lint/style/noDefaultExport: pino loads a transport by its default export.
export default function splitStream({ streams }: { streams: readonly Stream[] }): Writable {
  const files = new BufferedFiles(streams.map(({ file }) => file));
  const fileOf = new Map(
    streams.map((stream, index) => [`${stream.containerId}/${stream.componentName}`, index]),
  );
  const decoder = new StringDecoder();
  let rest = "";
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const source = sourcePattern.exec(line);
        const file = source === null ? undefined : fileOf.get(`${source[1]}/${source[2]}`);
        if (file !== undefined) files.append(file, `${line}\n`);
      }
      done();
    },
    final(done) {
      files.close();
      done();
    },
  });
}
