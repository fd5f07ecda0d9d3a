/** The types of metrics that are written here. */
export type MetricType = "counter" | "gauge" | "histogram";

/** Labels by name; names match `[a-zA-Z_][a-zA-Z0-9_]*`, values are any text. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly labels?: Labels;
  /** Undefined values are left out, as are metrics of which none is left. */
  readonly value: number | undefined;
}

/** The buckets of one histogram: how many values were at most each bound, in rising order of bounds. */
export interface HistogramSamples {
  readonly upTo: readonly (readonly [bound: number, count: number])[];
  readonly count: number;
  readonly sum: number;
}

/**
 * Collects metrics as text.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4
 */
export interface Exposition {
  metric(name: string, type: "counter" | "gauge", help: string, samples: Iterable<Sample>): void;
  histogram(name: string, help: string, samples: HistogramSamples): void;
  toString(): string;
}

/** @param common - labels of every sample. */
export function createExposition(common: Labels = {}): Exposition {
  const lines: string[] = [];
  const commonPart = labelPart(common);

  const sample = (name: string, labels: Labels, value: number): string => {
    const own = labelPart(labels);
    const both = commonPart !== "" && own !== "" ? `${commonPart},${own}` : commonPart + own;
    return `${name}${both === "" ? "" : `{${both}}`} ${formatValue(value)}`;
  };
  const head = (name: string, type: MetricType, help: string): string =>
    `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}`;

  return {
    metric(name, type, help, samples) {
      const texts: string[] = [];
      for (const { labels = {}, value } of samples)
        if (value !== undefined) texts.push(sample(name, labels, value));
      if (texts.length > 0) lines.push(head(name, type, help), ...texts);
    },
    histogram(name, help, { upTo, count, sum }) {
      lines.push(head(name, "histogram", help));
      for (const [bound, n] of upTo) lines.push(sample(`${name}_bucket`, { le: formatValue(bound) }, n));
      lines.push(
        sample(`${name}_bucket`, { le: "+Inf" }, count),
        sample(`${name}_sum`, {}, sum),
        sample(`${name}_count`, {}, count),
      );
    },
    toString: () => (lines.length === 0 ? "" : `${lines.join("\n")}\n`),
  };
}

function labelPart(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

/** A value as the format writes it. */
function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * A label value as the format writes it. Half a surrogate pair has no UTF-8: it is spelled out, since the replacement
 * character would make one label of two different ids.
 */
export function escapeLabel(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll('"', '\\"')
    .replace(loneSurrogates, (half) => `\\\\u${half.charCodeAt(0).toString(16)}`);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
