/** A source of numbers in [0, 1) that repeats itself for the same seed. */
export type SeededRandom = () => number;

/**
 * The generator mulberry32: 32 bits of state, good enough to choose among faults, not for secrets.
 *
 * @param seed - integer; only its lowest 32 bits count.
 * @see Tommy Ettinger, mulberry32 (public domain)
 */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
