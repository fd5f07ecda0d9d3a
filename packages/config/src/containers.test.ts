import { describe, expect, it } from "vitest";
import { parseConfig, resolveConfig } from "./load-config.ts";

describe("instances", () => {
  it("become one container each, numbered from 1", () => {
    const text =
      "containers: { strategy: { type: momentum, instances: 3, settings: { risk: 2 } }, risk: { type: risk } }";
    const { containers } = parseConfig(text).config;
    expect(Object.keys(containers)).toEqual(["strategy_001", "strategy_002", "strategy_003", "risk"]);
    expect(containers["strategy_002"]).toMatchObject({
      containerId: "strategy_002",
      type: "momentum",
      settings: { risk: 2 },
    });
  });

  it("are numbered with as many digits as the last one needs", () => {
    const { containers } = resolveConfig({ containers: { a: { type: "a", instances: 5000 } } }).config;
    expect(Object.keys(containers).slice(0, 1)).toEqual(["a_0001"]);
    expect(Object.keys(containers)).toHaveLength(5000);
  });

  it("are numbered even when there is one", () => {
    expect(
      Object.keys(resolveConfig({ containers: { a: { type: "a", instances: 1 } } }).config.containers),
    ).toEqual(["a_001"]);
  });

  it("must not meet another declaration", () => {
    const text = "containers:\n  a: { type: a, instances: 2 }\n  a_002: { type: b }";
    expect(() => parseConfig(text)).toThrow(
      '3:3  containers.a_002  another declaration makes the container "a_002" too',
    );
  });

  it("are limited in all", () => {
    const many = { type: "a", instances: 5000 };
    expect(() => resolveConfig({ containers: { a: many, b: many, c: many } })).toThrow(
      "containers.c  brings the containers above 10000",
    );
  });
});

describe("names of the user", () => {
  it("may be those that every object inherits", () => {
    const { config } = resolveConfig({ containers: { toString: { type: "valueOf" } } });
    expect(config.containers["toString"]?.type).toBe("valueOf");
    expect(config.containers["hasOwnProperty"]).toBeUndefined();
  });

  it("may be numbers, null and text of any script", () => {
    const { containers } = parseConfig(
      "containers: { 1: { type: a }, null: { type: a }, 戦略: { type: a } }",
    ).config;
    expect(Object.keys(containers)).toEqual(["1", "null", "戦略"]);
  });

  it("may be shared by anchors and aliases", () => {
    const text = "containers:\n  a: { type: a, settings: &s { x: 1 } }\n  b: { type: b, settings: *s }";
    expect(parseConfig(text).config.containers["b"]?.settings).toEqual({ x: 1 });
  });
});
