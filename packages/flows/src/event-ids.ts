import { randomInt } from "node:crypto";

/**
 * Makes event ids `evt_<series>_<n>`: a series drawn once (base 36, 8 digits), then a counter in base 36. Two
 * generators share a series with probability 3.6e-13, so ids of different processes do not meet.
 *
 * @param series - replaces the random part; give one for ids that are the same on every run.
 */
export function createEventIds(series: string = randomSeries()): () => string {
  const prefix = `evt_${series}_`;
  let count = 0;
  return () => {
    count += 1;
    return prefix + count.toString(36);
  };
}

function randomSeries(): string {
  // Two draws, because randomInt is limited to 48 bits minus one.
  return [randomInt(36 ** 4), randomInt(36 ** 4)].map((part) => part.toString(36).padStart(4, "0")).join("");
}
