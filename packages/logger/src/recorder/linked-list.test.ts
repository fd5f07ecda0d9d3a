import { describe, expect, it } from "vitest";
import { type Link, LinkedList } from "./linked-list.ts";

/** A list of the characters of a text, and the place of one of them. */
function createList(values: string, at: string): { list: LinkedList<string>; link: Link<string> } {
  const list = new LinkedList<string>();
  const links = [...values].map((value) => list.append(value));
  const link = links[values.indexOf(at)];
  if (link === undefined) throw new RangeError(`no ${at} in ${values}`);
  return { list, link };
}

/** The values forwards and backwards. */
function textOf(list: LinkedList<string>): [string, string] {
  let text = "";
  let last = list.first;
  for (let link = list.first; link !== undefined && text.length < 100; link = link.after) {
    text += link.value;
    last = link;
  }
  let reversed = "";
  for (let link = last; link !== undefined && reversed.length < 100; link = link.before)
    reversed += link.value;
  return [text, reversed];
}

describe("a linked list", () => {
  it.each([
    ["a", "bc"],
    ["b", "ac"],
    ["c", "ab"],
  ])("stays one without %s", (gone, rest) => {
    const { list, link } = createList("abc", gone);
    list.remove(link);
    list.append("d");
    expect(textOf(list)).toEqual([`${rest}d`, `d${[...rest].reverse().join("")}`]);
    expect(list.count).toBe(3);
  });

  it.each([
    ["a", "bca"],
    ["b", "acb"],
    ["c", "abc"],
  ])("has %s last when it is moved to the end, also after that one is removed", (moved, order) => {
    const { list, link } = createList("abc", moved);
    list.moveToEnd(link);
    expect(textOf(list)).toEqual([order, [...order].reverse().join("")]);
    list.remove(link);
    list.append("d");
    expect(textOf(list)[0]).toBe(`${order.slice(0, 2)}d`);
    expect(list.count).toBe(3);
  });

  it("is empty after its last value", () => {
    const { list, link } = createList("a", "a");
    list.remove(link);
    expect([list.count, list.first]).toEqual([0, undefined]);
  });
});
