import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WaybillError } from "@waybill/protocols";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxFileBytes } from "./input-limits.ts";
import { loadConfig, parseConfig } from "./load-config.ts";
import { readConfigFile } from "./read-file.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-config-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function failure(path: string): unknown {
  try {
    return readConfigFile(path);
  } catch (error) {
    return error;
  }
}

describe("readConfigFile", () => {
  it("removes a byte order mark", () => {
    expect(readConfigFile(file("bom.yaml", "\ufeffa: 1"))).toBe("a: 1");
  });

  it("reads a file of exactly the largest size", () => {
    expect(readConfigFile(file("largest.yaml", "#".repeat(maxFileBytes)))).toHaveLength(maxFileBytes);
  });

  it.each([
    ["a missing file", () => join(folder, "missing.yaml"), /missing\.yaml {2}does not exist; create it/],
    ["a path through a file", () => join(file("plain", ""), "x.yaml"), /a part of its path is a file/],
    ["a directory", () => folder, /is a directory; give the path of a file/],
    ["a device", () => "/dev/null", /is no ordinary file/],
    ["10 MB", () => file("big.yaml", "#".repeat(10_000_000)), /is larger than 4194304 bytes/],
    [
      "bytes that are not UTF-8",
      () => file("latin1.yaml", Buffer.from([0x61, 0x3a, 0x20, 0xe4])),
      /is not UTF-8; save/,
    ],
    ["UTF-16", () => file("utf16.yaml", Buffer.from("\ufeffa: 1", "utf16le")), /is UTF-16; save it as UTF-8/],
    ["a path with NUL", () => join(folder, "a\0b"), /a\\u0000b {2}cannot be read \(ERR_INVALID_ARG_VALUE\)/],
  ])("refuses %s with the cause and the fix", (_, path, message) => {
    const error = failure(path());
    expect(error).toBeInstanceOf(WaybillError);
    expect(error).toMatchObject({
      code: "WAYBILL_CONFIG_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ["null", null],
    ["undefined", undefined],
    ["object", new URL("file:///etc/hosts")],
  ])("refuses a path that is no text: %s", (name, path) => {
    // @ts-expect-error: what JavaScript may pass
    expect(() => readConfigFile(path)).toThrow(
      new TypeError(`the path of a configuration file must be text, is ${name}`),
    );
  });

  it("refuses an empty path", () => {
    expect(failure("")).toMatchObject({ message: expect.stringMatching(/^the path .* is empty; give/) });
  });

  it("refuses a link that leads in a circle", () => {
    symlinkSync(join(folder, "circle"), join(folder, "circle"));
    expect(failure(join(folder, "circle"))).toMatchObject({ cause: { code: "ELOOP" } });
  });
});

describe("loadConfig", () => {
  it("says so when the path, or the text, is none", () => {
    // @ts-expect-error: what JavaScript may pass
    expect(() => loadConfig(null)).toThrow("the path of a configuration file must be text, is null");
    // @ts-expect-error: what JavaScript may pass
    expect(() => parseConfig({})).toThrow("must be text, is object; resolveConfig takes objects");
  });

  it("reads a file and names it in messages", () => {
    mkdirSync(join(folder, "config"));
    const path = file("config/coordinator.yaml", "coordinator:\n  coordinator_id: main\n");
    expect(loadConfig(path).config.coordinator.coordinatorId).toBe("main");
    const wrong = file("config/wrong.yaml", "loging:\n");
    expect(() => loadConfig(wrong)).toThrow(`${wrong}:1:1  loging  unknown key; did you mean "logging"?`);
  });

  it("reads JSON indented with tabs, with the address of its schema", () => {
    const content = JSON.stringify(
      { $schema: "./waybill.schema.json", coordinator: { coordinator_id: "j" } },
      null,
      "\t",
    );
    expect(loadConfig(file("coordinator.json", content)).config.coordinator.coordinatorId).toBe("j");
  });
});
