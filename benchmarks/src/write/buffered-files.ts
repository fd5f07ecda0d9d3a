import { closeSync, openSync, writeSync } from "node:fs";

/** Bytes (nearly: UTF-16 units) that wait per file. More gains little and costs memory times the number of files. */
const chunkUnits = 16_384;

/** Appends text to many files in writes of 16 KiB: what an application would build around a logger with one output. */
export class BufferedFiles {
  readonly #descriptors: number[];
  readonly #pending: string[];

  constructor(files: readonly string[]) {
    this.#descriptors = files.map((file) => openSync(file, "a"));
    this.#pending = files.map(() => "");
  }

  append(file: number, text: string): void {
    const pending = (this.#pending[file] ?? "") + text;
    this.#pending[file] = pending;
    if (pending.length >= chunkUnits) this.#write(file);
  }

  close(): void {
    this.#descriptors.forEach((descriptor, file) => {
      this.#write(file);
      closeSync(descriptor);
    });
  }

  #write(file: number): void {
    const pending = this.#pending[file] ?? "";
    if (pending !== "") writeSync(this.#descriptors[file] as number, pending);
    this.#pending[file] = "";
  }
}
