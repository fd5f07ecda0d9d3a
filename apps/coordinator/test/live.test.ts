import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { collect, startApp, withDirectory } from "./support/run-app.ts";

const configFile = fileURLToPath(new URL("../coordinator.yaml", import.meta.url));
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** Does something again and again until a file shows that it was done. */
async function until(isDone: () => boolean, act: () => void = () => undefined): Promise<void> {
  for (const deadlineMs = Date.now() + 20_000; !isDone() && Date.now() < deadlineMs; ) {
    act();
    await sleep(50);
  }
}

describe("a run", () => {
  it("follows its configuration below the command line, and survives SIGUSR2", async () => {
    await withDirectory(async (cwd) => {
      const config = join(cwd, "c.yaml");
      const log = join(cwd, "mine", "system", "log_manager.log");
      const text = readFileSync(configFile, "utf8");
      writeFileSync(config, text);
      const range = ["--from", "2001-01-01", "--to", "2001-12-31"];
      const args = [
        "--config",
        "c.yaml",
        "--log-dir",
        "mine",
        "--containers",
        "2",
        "--speed",
        "50",
        ...range,
      ];
      const app = startApp(args, cwd);
      const ended = collect(app);
      await until(() => textOf(log).includes("Registered container"));
      writeFileSync(config, text.replace('containers: "DEBUG"', 'containers: "WARNING"'));
      await until(() => textOf(log).includes("Configuration applied"));
      app.kill("SIGUSR2");
      await sleep(200);
      app.kill("SIGINT");
      expect(await ended).toMatchObject({ signal: "SIGINT" });
      const applied = textOf(log)
        .split("\n")
        .filter((line) => line.includes('"config_applied"'));
      expect(applied).toHaveLength(1);
      expect(applied[0]).toContain('"applied":["logging.log_levels"]');
      expect(applied[0]).toContain('"needs_restart":[]');
    });
  });
});
