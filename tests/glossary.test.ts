import { readFileSync } from "node:fs";
import { eventScopes, levels } from "@waybill/protocols";
import { expect, test } from "vitest";

const glossary = readFileSync(new URL("../GLOSSARY.md", import.meta.url), "utf8");

/** The words in backticks of the paragraph that starts with a given text. */
function wordsAfter(start: string): string[] {
  const paragraph = glossary.split(/\n\n/).find((each) => each.startsWith(start));
  return [...(paragraph ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

test("names the levels of the protocols, in their order", () => {
  expect(wordsAfter("Levels")).toEqual(levels);
});

test("names the scopes of the protocols, in their order", () => {
  expect(wordsAfter("Scopes that need no configuration")).toEqual(eventScopes);
});
