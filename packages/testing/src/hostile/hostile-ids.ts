/** An id that somebody will use one day. */
export interface HostileId {
  /** Names the danger, for the name of a test. */
  readonly label: string;
  readonly id: string;
}

/** Two different ids that a careless encoding turns into one path. */
export interface IdPair {
  readonly label: string;
  readonly first: string;
  readonly second: string;
}

function labelled(ids: Readonly<Record<string, string>>): HostileId[] {
  return Object.entries(ids).map(([label, id]) => ({ label, id }));
}

const traversal = labelled({
  "parent directory": "..",
  "this directory": ".",
  "two levels up": "../../etc",
  "up in the middle": "a/../../b",
  "absolute path": "/etc/passwd",
  "nested path": "a/b",
  "trailing slash": "a/",
  "double slash": "a//b",
  backslash: "a\\b",
  "up with backslashes": "..\\..\\windows",
  "drive letter": "C:\\logs",
  "drive-relative path": "C:logs",
  "UNC path": "\\\\server\\share",
  "device namespace": "\\\\.\\PhysicalDrive0",
  "home directory": "~",
  "home of a user": "~root",
});

const encoded = labelled({
  "percent-encoded dots": "%2e%2e",
  "percent-encoded slash": "..%2f..%2fetc",
  "double percent encoding": "%252e%252e",
  "lone percent sign": "%",
  "invalid percent encoding": "%zz",
  "overlong UTF-8 slash": "%c0%af",
  "full-width dots": "\uff0e\uff0e",
  "full-width slash": "a\uff0fb",
  "division slash": "a\u2215b",
});

const reserved = labelled({
  "DOS device": "CON",
  "DOS device, lower case": "nul",
  "DOS device with extension": "aux.log",
  "numbered DOS device": "COM1",
  "printer port": "LPT9",
  "alternate data stream": "a::$DATA",
  "trailing dot": "a.",
  "trailing space": "a ",
  "leading space": " a",
  "name of the active file": "component.log",
  "name of a sealed segment": "component.20260101T000000000Z-000001.log",
  "compressed segment": "component.log.gz",
  "own state directory": ".waybill",
  "hidden file": ".hidden",
});

const characters = labelled({
  empty: "",
  "NUL byte": "a\0b",
  newline: "a\nb",
  "carriage return": "a\rb",
  "terminal escape": "\u001b[2J",
  bell: "\u0007",
  delete: "a\u007fb",
  "C1 control": "a\u0085b",
  "line separator": "a\u2028b",
  "right-to-left override": "a\u202egol.exe",
  "zero-width space": "a\u200bb",
  "lone high surrogate": "a\ud800",
  "lone low surrogate": "\udc00a",
  emoji: "\u{1f680}",
});

const programs = labelled({
  "option of a command": "-rf",
  "shell substitution": "$(reboot)",
  "shell wildcard": "*",
  "JSON quote": 'a"b',
  "prototype member": "__proto__",
  "constructor member": "constructor",
  "300 characters": "x".repeat(300),
  "300 emoji": "\u{1f680}".repeat(300),
});

/** Ids that must be encoded into one harmless path part each, and decoded or looked up again without loss. */
export const hostileIds: readonly HostileId[] = [
  ...traversal,
  ...encoded,
  ...reserved,
  ...characters,
  ...programs,
];

/** Pairs that must lead to different paths, also on file systems that fold case or normalise. */
export const collidingIdPairs: readonly IdPair[] = [
  { label: "case", first: "Momentum", second: "momentum" },
  { label: "case beyond ASCII", first: "STRASSE", second: "stra\u00dfe" },
  { label: "NFC and NFD", first: "caf\u00e9", second: "cafe\u0301" },
  { label: "compatibility forms", first: "\ufb01x", second: "fix" },
  { label: "encoded and plain", first: "a%2fb", second: "a/b" },
  { label: "encoded twice", first: "a%252fb", second: "a%2fb" },
  { label: "trailing dot", first: "alpha.", second: "alpha" },
  { label: "trailing space", first: "alpha ", second: "alpha" },
  { label: "different lone surrogates", first: "a\ud800", second: "a\ud801" },
  { label: "long with the same start", first: `${"x".repeat(300)}a`, second: `${"x".repeat(300)}b` },
  { label: "replaced characters", first: "a b", second: "a_b" },
  { label: "empty and its mark", first: "", second: "_" },
];
