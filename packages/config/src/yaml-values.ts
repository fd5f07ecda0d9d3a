import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { addIssue, type ConfigPath, type ConfigReport } from "./config-issue.ts";
import { maxDepth, maxNodes, reservedKeys, TooManyNodes } from "./input-limits.ts";
import { quoted } from "./shown-value.ts";
import type { YamlSource } from "./yaml-source.ts";

/** What one walk carries. `open` holds the collections around the present node, to find aliases to themselves. */
interface Walk {
  readonly source: YamlSource;
  readonly report: ConfigReport;
  readonly open: Set<Node>;
  nodes: number;
}

/**
 * Turns a YAML tree into plain values: maps without prototype, lists, text, numbers, booleans, null.
 *
 * Done here and not by the library's `toJS`, so that repeated and reserved keys, aliases to themselves and alias
 * bombs become issues with a line.
 */
export function toPlainValues(source: YamlSource, report: ConfigReport): unknown {
  const walk: Walk = { source, report, open: new Set(), nodes: 0 };
  try {
    return convert(walk, source.root, []);
  } catch (error) {
    if (!(error instanceof TooManyNodes)) throw error;
    addIssue(
      report,
      [],
      `holds more than ${maxNodes} values once its aliases are expanded; write less, or fewer aliases`,
    );
    return undefined;
  }
}

function convert(walk: Walk, node: unknown, path: ConfigPath): unknown {
  walk.nodes += 1;
  if (walk.nodes > maxNodes) throw new TooManyNodes();
  if (isAlias(node)) return convertAlias(walk, node, path);
  if (isScalar(node)) return convertScalar(walk, node.value, path);
  if (!isMap(node) && !isSeq(node)) return null;
  if (walk.open.size >= maxDepth) {
    addIssue(walk.report, path, `is nested too deeply; keep to ${maxDepth} levels`);
    return null;
  }
  walk.open.add(node);
  const value = isSeq(node)
    ? node.items.map((item, index) => convert(walk, item, [...path, index]))
    : convertMap(walk, node.items, path);
  walk.open.delete(node);
  return value;
}

function convertScalar({ report }: Walk, value: unknown, path: ConfigPath): unknown {
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return value;
  }
  addIssue(report, path, "must be text, a number, true or false; put it in quotes if it is text");
  return null;
}

function convertAlias(walk: Walk, alias: Node & { readonly source: string }, path: ConfigPath): unknown {
  const target = walk.source.resolveAlias(alias);
  const at = walk.source.positionOf(alias);
  if (target === undefined) {
    addIssue(
      walk.report,
      path,
      `refers to an anchor that is not defined before it: ${quoted(alias.source)}`,
      { at },
    );
    return null;
  }
  if (walk.open.has(target)) {
    addIssue(walk.report, path, `refers to itself through the alias ${quoted(alias.source)}`, { at });
    return null;
  }
  return convert(walk, target, path);
}

function convertMap(
  walk: Walk,
  items: readonly { readonly key: unknown; readonly value: unknown }[],
  path: ConfigPath,
): unknown {
  const map: Record<string, unknown> = Object.create(null);
  for (const { key: keyNode, value } of items) {
    const name = isAlias(keyNode) ? walk.source.resolveAlias(keyNode) : keyNode;
    const key = isScalar(name) ? String(name.value) : "";
    const at = walk.source.positionOf(keyNode);
    if (isMergeKey(keyNode)) {
      addIssue(
        walk.report,
        [...path, key],
        "is a merge key, which YAML 1.2 does not have; give the whole map to an alias, or put it in quotes if it is a name",
        { at },
      );
    } else if (reservedKeys.has(key)) {
      addIssue(
        walk.report,
        [...path, key],
        "is a reserved word of JavaScript and cannot be a key; rename it",
        { at },
      );
    } else if (Object.hasOwn(map, key)) {
      addIssue(walk.report, [...path, key], "is given twice in the same map; keep one", { at });
    } else {
      map[key] = convert(walk, value, [...path, key]);
    }
  }
  return map;
}

/**
 * An unquoted `<<`. YAML 1.1 merged maps by it; without it, the line would make a container or setting of that name.
 * It is refused rather than merged: which of two merged maps wins is not the same in all readers of YAML.
 */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}
