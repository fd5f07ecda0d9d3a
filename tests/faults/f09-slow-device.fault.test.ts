import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, miscountOf, noMiscount, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { faultCase, isLong, straceOn } from "./support/fault-case.ts";

const growthMaxMb = 64 * 1.2;
const mb = 2 ** 20;

describe("F09 a device slower than the producer", () => {
  faultCase("F09 batched: bounds its memory and counts what it drops", ["strace"], async (fault) => {
    const containers = 3;
    const plan = fault.plan({
      containers,
      // So little that entries are dropped, and that what waits at the end is written before close gives up.
      stream: { mode: "batched", queueBytesMax: 131_072 },
      steps: [
        { do: "log", count: 200, perTurn: 10, padBytes: 1000 },
        { do: "say", word: "before" },
        { do: "log", forMs: isLong ? 10_000 : 600, perTurn: 40, padBytes: 1000 },
        { do: "say", word: "after" },
        { do: "close" },
        { do: "say", word: "closed" },
        { do: "end", how: "natural" },
      ],
    });
    const files = Array.from({ length: containers }, (_, at) =>
      join(plan.root, `containers/c${at}/load.log`),
    );
    const child = fault.start(plan, { through: straceOn(files, "write", "delay_enter=50000:when=1+1") });
    const before = await child.hear("before");
    const after = await child.hear("after");
    const { status } = await child.hear("closed");
    const ended = await child.ended();
    const grownMb = (after.rssBytes - before.rssBytes) / mb;
    const acks = readAcknowledgements(plan.acks);
    const found = await readFound(plan.root);
    const { accepted, lost, unaccounted, duplicates } = balance(acks, found, status.dropped);
    const { told, damage, inversions, holes, gaps } = found;
    fault.tell({ accepted, lost: lost.length, dropped: status.dropped, told, grownMb: Math.round(grownMb) });
    expect(status.dropped).toBeGreaterThan(0);
    expect(grownMb).toBeLessThanOrEqual(growthMaxMb);
    const miscount = miscountOf(status, acks, found);
    expect({ ended, duplicates, damage, inversions, unaccounted, miscount }).toEqual({
      ended: { code: 0, signal: null },
      duplicates: 0,
      damage: [],
      inversions: 0,
      unaccounted: 0,
      miscount: noMiscount,
    });
    expect({ told, missing: holes + gaps }).toEqual({ told: status.dropped, missing: status.dropped });
  });
});
