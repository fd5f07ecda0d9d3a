import { WaybillError } from "@waybill/protocols";
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import type { ConfigPath, Position } from "./config-issue.ts";
import { maxDepth, maxTokens } from "./input-limits.ts";
import { onOneLine } from "./shown-value.ts";

/** One YAML document and what is needed to walk it and to find positions in it. */
export interface YamlSource {
  /** Null when the text holds no value. */
  readonly root: Node | null;
  /** What an alias stands for: the last node before it with that anchor. Undefined when there is none. */
  readonly resolveAlias: (node: Node) => Node | undefined;
  readonly positionOf: (node: unknown) => Position | undefined;
  /** @returns the position at a path, of the nearest parent when it leads nowhere. */
  readonly locate: (path: ConfigPath, what: "key" | "value") => Position | undefined;
}

/** Each level of nesting takes two tokens on the stack of the parser, and one more for the value in hand. */
const maxParserStack = 3 * maxDepth;

function unreadable(file: string | undefined, at: Position | undefined, problem: string): WaybillError {
  const place = [file === undefined ? "" : onOneLine(file), at ? `${at.line}:${at.column}` : ""];
  const prefix = place.filter((part) => part !== "").join(":");
  return new WaybillError("WAYBILL_CONFIG_UNREADABLE", prefix === "" ? problem : `${prefix}  ${problem}`, {
    details: { ...(file === undefined ? {} : { file }), ...at },
  });
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/**
 * Lexes with a limit on length and on nesting. The composer that follows recurses, and at some thousand levels V8 does not throw
 * but ends the process ("RegExpCompiler Allocation failed", seen with yaml 2.9.1 on Node 20).
 */
function readTokens(text: string, lines: LineCounter, file: string | undefined): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (++count > maxTokens) {
      const at = positionAt(lines, parser.offset);
      throw unreadable(
        file,
        at,
        `has more than ${maxTokens} words and signs up to here; write less, or use instances`,
      );
    }
    if (parser.stack.length > maxParserStack) {
      throw unreadable(
        file,
        positionAt(lines, parser.offset),
        `is nested too deeply; keep to ${maxDepth} levels`,
      );
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** The fault in terms of the reader, and what to do about it. */
function explain({ code, message }: YAMLError): string {
  const fault = message.replace(/\s+/g, " ").slice(0, 200);
  if (code === "TAB_AS_INDENT") return "is not valid YAML: a tab indents a line; indent with spaces";
  if (code === "NON_STRING_KEY") return "is not valid YAML here: a key is a list or map; write a plain word";
  if (code === "TAG_RESOLVE_FAILED")
    return `uses a tag that is not supported (${fault}); write the value without "!"`;
  return `is not valid YAML: ${fault}; correct this line or the one before it`;
}

function composeDocument(text: string, lines: LineCounter, file: string | undefined): Document.Parsed {
  const composer = new Composer({
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    lineCounter: lines,
  });
  const documents = [...composer.compose(readTokens(text, lines, file), true, text.length)];
  const [document, second] = documents;
  if (document === undefined) throw unreadable(file, undefined, "holds no YAML document");
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) throw unreadable(file, positionAt(lines, fault.pos[0]), explain(fault));
  if (second !== undefined) {
    const at = positionAt(lines, second.range[0]);
    throw unreadable(
      file,
      at,
      'holds more than one YAML document; keep one and remove the "---" between them',
    );
  }
  return document;
}

function collectAliases(root: Node | null): ReadonlyMap<Node, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node | undefined>();
  const visit = (node: unknown): void => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source));
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) return;
    for (const item of node.items) {
      if (isPair(item)) {
        visit(item.key);
        visit(item.value);
      } else visit(item);
    }
  };
  visit(root);
  return targets;
}

/** Finds the first pair of a key. Remembers all of a map: a listing asks 10,000 containers for each of their keys. */
function createPairIndex(): (map: YAMLMap, key: string) => Pair | undefined {
  const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  return (map, key) => {
    let index = indexes.get(map);
    if (index === undefined) {
      const pairs = map.items.filter(({ key: name }) => isScalar(name));
      index = new Map(
        pairs.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair] as const).reverse(),
      );
      indexes.set(map, index);
    }
    return index.get(key);
  };
}

/**
 * Reads text as one YAML 1.2 document (of which JSON is a part).
 *
 * @throws {WaybillError} `WAYBILL_CONFIG_UNREADABLE` when it is none.
 */
export function readYaml(text: string, file: string | undefined): YamlSource {
  const lines = new LineCounter();
  const root: Node | null = composeDocument(text, lines, file).contents;
  const aliases = collectAliases(root);
  const resolveAlias = (node: Node): Node | undefined => aliases.get(node);
  const positionOf = (node: unknown): Position | undefined => {
    if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range))
      return undefined;
    return positionAt(lines, Number(node.range[0]));
  };
  const pairAt = createPairIndex();
  const locate = (path: ConfigPath, what: "key" | "value"): Position | undefined => {
    let node: unknown = root;
    let position = positionOf(root) ?? { line: 1, column: 1 };
    for (const [depth, key] of path.entries()) {
      const inner = isAlias(node) ? resolveAlias(node) : node;
      if (isSeq(inner) && typeof key === "number") {
        node = inner.items[key];
        position = positionOf(node) ?? position;
        continue;
      }
      const pair = isMap(inner) ? pairAt(inner, String(key)) : undefined;
      if (pair === undefined) return position;
      const wantsKey = depth < path.length - 1 || what === "key" || isEmpty(pair.value);
      position = (wantsKey ? undefined : positionOf(pair.value)) ?? positionOf(pair.key) ?? position;
      node = pair.value;
    }
    return position;
  };
  return { root, resolveAlias, positionOf, locate };
}

/** A key with nothing after it: its "value" stands at the end of the line or below, so the key is the better place. */
function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? "") === "";
}
