import { describe, expect, it } from "vitest";
import { prepareAscii } from "./prepared-text.ts";
import { PreparedTexts } from "./prepared-texts.ts";

/** Texts that count what they prepare. */
function countingTexts(): { readonly texts: PreparedTexts; readonly prepared: string[] } {
  const prepared: string[] = [];
  const texts = new PreparedTexts((text) => {
    prepared.push(text);
    return prepareAscii(text);
  });
  return { texts, prepared };
}

describe("prepared texts", () => {
  it("gives the form of the text that is asked for, in whatever order texts come", () => {
    const { texts } = countingTexts();
    const orders = ["abc", "acb", "bca", "aab", "cba", "abd"];
    for (let round = 0; round < 200; round++) {
      for (const text of orders[round % orders.length] as string) {
        const words = texts.get(text)?.words ?? prepareAscii(text).words;
        expect(words).toEqual(prepareAscii(text).words);
      }
    }
    expect([..."abcd"].map((text) => texts.get(text)?.length)).toEqual([1, 1, 1, 1]);
  });

  it("prepares a text that recurs once", () => {
    const { texts, prepared } = countingTexts();
    for (let count = 0; count < 1000; count++) texts.get("key");
    expect(prepared).toEqual(["key"]);
  });

  it("seldom prepares when all texts differ, and knows those that recur again later", () => {
    const { texts, prepared } = countingTexts();
    for (let count = 0; count < 100_000; count++) texts.get(`unique ${count}`);
    expect(prepared.length).toBeLessThan(1000);
    for (let count = 0; count < 10_000; count++) texts.get("recurs");
    expect(texts.get("recurs")).toBeDefined();
  });

  it("forgets all when it is full, and takes in again what recurs", () => {
    const { texts, prepared } = countingTexts();
    for (let count = 0; count < 20_000; count++) {
      texts.get(`unique ${count}`);
      texts.get("recurs");
    }
    const times = prepared.filter((text) => text === "recurs").length;
    expect([prepared.length > 2000, times > 1, times < 5]).toEqual([true, true, true]);
  });

  it("keeps no long text", () => {
    const { texts, prepared } = countingTexts();
    for (let count = 0; count < 1000; count++) texts.get("x".repeat(129));
    expect(prepared).toEqual([]);
  });
});
