/** The least severe levels that every contestant writes; the words are those of most loggers' methods. */
export type EntryLevel = "debug" | "info" | "warn" | "error";

/** One entry as an application logs it. */
export interface BenchEntry {
  /** Index into {@link Setup.streams}. */
  readonly stream: number;
  readonly level: EntryLevel;
  readonly message: string;
  readonly scope: string;
  readonly correlationId: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  /** Whether the entry belongs to an external event that the fan-out traces. */
  readonly isTraced: boolean;
}

const symbols = ["AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "BRK-B"] as const;
const reasons = [
  "exposure below the limit of the container",
  "waiting for the market to open again",
  "three of four checks have passed so far",
  "the order book is thin, size was reduced",
] as const;

/** Spreads consecutive numbers over 32 bits, always in the same way: the finaliser of MurmurHash3. */
function spread(index: number): number {
  let bits = (index + 1) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * The entry of a number: the same for every contestant and run. In turn over the streams; 10 % DEBUG, 85 % INFO, 4 %
 * WARNING, 1 % ERROR; a correlation id on 30 %; a context of four to six fields, one of them an object, in four shapes.
 * A line of it has about 360 bytes.
 */
export function entryAt(index: number, streamCount: number): BenchEntry {
  const random = spread(index);
  const percent = random % 100;
  const isTraced = (random >>> 7) % 10 === 0;
  const correlationId =
    (random >>> 11) % 10 < 3 ? `trade_${(random >>> 4).toString(36)}_${index >>> 4}` : undefined;
  const context = contextAt(random, index);
  // The usual way to name the id of one entry: all contestants write it there and beside the message.
  if (correlationId !== undefined) context["correlation_id"] = correlationId;
  if (isTraced) context["publish_tier"] = "fast";
  return {
    stream: index % streamCount,
    level: levelAt(percent),
    message: messages[(random >>> 3) & 3] as string,
    scope: isTraced ? "external_fast_tier" : "component_internal",
    correlationId,
    context,
    isTraced,
  };
}

const messages = [
  "Generating signal for the next bar",
  "Order checked against risk limits",
  "Indicator updated from market data",
  "Component state changed",
] as const;

function levelAt(percent: number): EntryLevel {
  if (percent < 10) return "debug";
  if (percent < 95) return "info";
  return percent < 99 ? "warn" : "error";
}

/** Four shapes, each built fresh as an application does. */
function contextAt(random: number, index: number): Record<string, unknown> {
  const symbol = symbols[(random >>> 5) & 7];
  const price = (random % 40_000) / 100;
  switch ((random >>> 3) & 3) {
    case 0:
      return {
        symbol,
        strength: (random % 1000) / 1000,
        bar: index,
        position: { quantity: random & 255, price, side: "buy" },
      };
    case 1:
      return {
        symbol,
        order: index,
        is_accepted: (random & 64) !== 0,
        latency_ms: (random & 4095) / 100,
        limits: { exposure: price * 10, drawdown: 0.05 },
      };
    case 2:
      return {
        symbol,
        close: price,
        volume: random % 10_000_000,
        window: { bars: 20, mean: price, deviation: 1.5 },
        is_stale: false,
      };
    default:
      return {
        from: "idle",
        to: "active",
        attempt: random & 7,
        checks: { passed: random & 3, total: 4 },
        reason: reasons[(random >>> 9) & 3],
        pid: 4711,
      };
  }
}
