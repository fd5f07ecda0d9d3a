const patternCharsMax = 200;

/**
 * What messages that differ in numbers only have in common: runs of digits become `#`, and 200 characters are enough.
 * The result shares no memory with the message, which may be large.
 */
export function errorPatternOf(message: string): string {
  const start = message.slice(0, patternCharsMax);
  const pattern = start.replace(/\d+/g, "#");
  // V8 keeps the whole message alive for a slice of it; a text made from bytes is its own.
  return pattern === start && message.length > patternCharsMax ? Buffer.from(pattern).toString() : pattern;
}
