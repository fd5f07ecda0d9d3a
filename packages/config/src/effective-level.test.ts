import { describe, expect, it } from "vitest";
import { effectiveLevel, type LevelSubject } from "./effective-level.ts";
import { parseConfig } from "./load-config.ts";

const { config } = parseConfig(`
logging:
  log_levels: { system: error, containers: warn, event_flows: fatal, default: trace }
  levels_by_type: { strategy: debug }
containers:
  plain: { type: data }
  typed: { type: strategy }
  own: { type: strategy, logging: { level: info, components: { loud: trace, mapped: { level: critical }, bare: null } } }
  listed: { type: strategy, logging: { components: [manager] } }
  constructor_like: { type: toString }
`);

describe("effectiveLevel", () => {
  it.each<[string, LevelSubject, string]>([
    ["default, for a kind that is not given", { kind: "lifecycleManagement" }, "TRACE"],
    ["default, for nobody", {}, "TRACE"],
    ["kind", { kind: "system" }, "ERROR"],
    ["kind, of flows", { kind: "eventFlows" }, "CRITICAL"],
    [
      "kind, for a container of a type without level",
      { kind: "containers", containerId: "plain" },
      "WARNING",
    ],
    ["kind containers, for a container id alone", { containerId: "plain" }, "WARNING"],
    ["kind containers, for an unknown container", { containerId: "nobody" }, "WARNING"],
    ["kind containers, for a type alone", { type: "data" }, "WARNING"],
    ["type over kind", { kind: "containers", containerId: "typed" }, "DEBUG"],
    [
      "type over kind, for an unknown container",
      { kind: "containers", containerId: "new", type: "strategy" },
      "DEBUG",
    ],
    ["the given type over the configured one", { containerId: "plain", type: "strategy" }, "DEBUG"],
    ["container over type", { kind: "containers", containerId: "own" }, "INFO"],
    ["component over container", { containerId: "own", component: "loud" }, "TRACE"],
    ["component over container, as a map", { containerId: "own", component: "mapped" }, "CRITICAL"],
    ["container, for a component without level", { containerId: "own", component: "bare" }, "INFO"],
    ["container, for an undeclared component", { containerId: "own", component: "other" }, "INFO"],
    ["type, for a component of a list", { containerId: "listed", component: "manager" }, "DEBUG"],
    [
      "kind, for names that every object inherits",
      { containerId: "toString", component: "valueOf" },
      "WARNING",
    ],
    ["kind, for a type that every object inherits", { containerId: "constructor_like" }, "WARNING"],
  ])("takes the level of %s", (_, subject, expected) => {
    expect(effectiveLevel(config, subject)).toBe(expected);
  });
});
