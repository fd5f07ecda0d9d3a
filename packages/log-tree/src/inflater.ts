import { createGunzip } from "node:zlib";
import { DamageError } from "./byte-source.ts";
import { errorCodeOf } from "./error-code.ts";

/** A gunzip stream that is fed by hand and keeps its output. */
export function createInflater() {
  const gunzip = createGunzip();
  const outputs: Buffer[] = [];
  let failure: DamageError | undefined;
  let ended = false;
  let wake: () => void = () => undefined;
  gunzip.on("data", (bytes: Buffer) => outputs.push(bytes));
  gunzip.on("end", () => {
    ended = true;
    wake();
  });
  gunzip.on("error", (error) => {
    failure = damageOf(error);
    wake();
  });
  return {
    outputs,
    failure: () => failure,
    isDone: () => ended || failure !== undefined,
    /** Compressed bytes that were used. */
    consumed: () => gunzip.bytesWritten,
    close: () => gunzip.destroy(),
    /** No bytes mean the end of the file. Resolves when all output of these bytes is there. */
    async feed(compressed: Buffer): Promise<void> {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (compressed.length > 0) gunzip.write(compressed, () => resolve());
        else gunzip.end();
      });
      // The stream emits what it still holds within this turn; an error would throw that away.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function damageOf(error: Error): DamageError {
  return errorCodeOf(error) === "Z_BUF_ERROR"
    ? new DamageError("gzip_cut", "the compressed file ends in the middle", error)
    : new DamageError("gzip_corrupt", `the compressed data are damaged: ${error.message}`, error);
}
