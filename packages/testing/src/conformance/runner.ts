/** What a suite can ask of a value. */
export interface Expectation {
  /** Identity, as `Object.is`. */
  toBe(expected: unknown): void;
  /** Equality of structure. */
  toEqual(expected: unknown): void;
}

/**
 * The functions of a test runner. Those of Vitest and Jest fit as they are; of others, wrap `describe` and `it` and
 * give an `expect` made of `assert.strictEqual` and `assert.deepEqual`.
 */
export interface ConformanceRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => void | Promise<void>): void;
  expect(actual: unknown): Expectation;
}
