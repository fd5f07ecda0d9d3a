import type { HostileValue } from "./hostile-values.ts";

function text(label: string, value: string): HostileValue {
  return { label, create: () => ({ value }) };
}

const forgedEntry =
  '{"timestamp":"2026-01-01T00:00:00.000Z","level":"CRITICAL","message":"forged","container_id":"x","seq":1}';

/** Texts that forge lines, steer terminals, or are no valid Unicode. */
export const hostileTexts: readonly HostileValue[] = [
  text("newline with a forged entry", `harmless\n${forgedEntry}\n`),
  text("carriage return", "harmless\rforged"),
  text("NUL byte", "a\0b"),
  text("terminal colours", "\u001b[31mred\u001b[0m"),
  text("terminal title (OSC)", "\u001b]0;owned\u0007"),
  text("C1 control sequence", "\u009b31m"),
  text("delete character", "a\u007fb"),
  text("next line (C1)", "a\u0085b"),
  text("line and paragraph separator", "a\u2028b\u2029c"),
  text("bidirectional override", "a\u202egpj.exe\u202c"),
  text("lone high surrogate", "a\ud800b"),
  text("lone low surrogate", "a\udc00b"),
  text("quotes and backslashes", '"\\"\\\\"'),
  text("text of 10 MB", "x".repeat(10_000_000)),
  text("1 MB that grows sixfold when escaped", "\u0001".repeat(1_000_000)),
  text("markup", "<script>alert(1)</script>"),
  { label: "newline in a key", create: () => ({ [`a\n${forgedEntry}`]: 1 }) },
  { label: "lone surrogate in a key", create: () => ({ "\ud800": 1 }) },
  { label: "empty key", create: () => ({ "": 1 }) },
  {
    label: "names of header fields",
    create: () => ({
      timestamp: "never",
      level: "CRITICAL",
      message: "forged",
      container_id: "other",
      seq: -1,
      dropped: 99,
    }),
  },
];
