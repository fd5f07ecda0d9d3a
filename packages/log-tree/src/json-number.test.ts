import { describe, expect, it } from "vitest";
import { textOf } from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { appendJsonNumber } from "./json-number.ts";

function numberJson(value: number): string {
  const into = new ByteBuffer();
  appendJsonNumber(into, value);
  return textOf(into);
}

describe("JSON number", () => {
  const edges = [
    0,
    -0,
    5e-324,
    1.7976931348623157e308,
    1e21,
    1e-7,
    0.1,
    2 ** 53,
    2 ** 53 + 2,
    -(2 ** 53),
    2 ** 32,
    1e-6,
    1e-6 + 1e-9,
    0.000_01,
    0.999_999,
    0.999_999_9,
    0.3,
    0.1 + 0.2,
    123.45,
    1.005,
    99.5,
    100.000_001,
    999_999_999.999_999,
    999_999_999.999_999_9,
  ];
  const around = [...Array.from({ length: 16 }, (_, power) => 10 ** power), 2 ** 30, 2 ** 31];
  const numbers = [...edges, ...around.flatMap((n) => [n - 1, n, n + 1, n + 0.5, -n, 1 - n, -n - 0.5])];

  it.each(numbers)("%d is written as JSON.stringify writes it", (number) => {
    expect(numberJson(number)).toBe(JSON.stringify(number));
  });

  it("is written as JSON.stringify writes it, for every count of digits before and behind the point", () => {
    const digits = "123456789";
    const zeros = "000000000";
    const texts = Array.from({ length: 10 }, (_, before) =>
      Array.from({ length: 10 }, (_, behind) => [
        `${digits.slice(0, before)}.${digits.slice(0, behind)}`,
        `-${digits.slice(0, before)}.${zeros.slice(0, behind)}5`,
        `7${zeros.slice(0, before)}.${digits.slice(0, behind)}${zeros.slice(0, 3)}`,
      ]),
    ).flat(2);
    const numbers = texts.map(Number).filter(Number.isFinite);
    expect(numbers.map(numberJson)).toEqual(numbers.map((number) => JSON.stringify(number)));
    expect(numbers.length).toBe(299);
  });
});
