import { createHash } from "node:crypto";

/** Length and SHA-256 of bytes. */
export interface Digest {
  /** Bytes. */
  readonly bytes: number;
  /** SHA-256, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** A {@link Digest} in the making. */
export interface GrowingDigest {
  update(chunk: Uint8Array): void;
  /** Ends it: call once, after all bytes. */
  end(): Digest;
}

/** The digest of no bytes yet. */
export function createDigest(): GrowingDigest {
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    update(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
    },
    end: () => ({ bytes, sha256: hash.digest("hex") }),
  };
}

/** Whether two digests are of the same bytes. */
export function isSameDigest(a: Digest, b: Digest): boolean {
  return a.bytes === b.bytes && a.sha256 === b.sha256;
}
