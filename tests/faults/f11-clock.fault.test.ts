import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { faultCase, modes } from "./support/fault-case.ts";

const hourMs = 3_600_000;

describe.concurrent.each(modes)("F11 the clock is set back, %s", (mode) => {
  faultCase(
    `F11 ${mode}: keeps the order and overwrites nothing when the clock goes back and forth`,
    [],
    async (fault) => {
      const load = { do: "log", count: 300, perTurn: 20 } as const;
      const plan = fault.plan({
        stream: { mode, segmentBytesMax: 8192, rotate: "hourly" },
        ownClock: true,
        steps: [
          load,
          { do: "shiftClock", ms: -hourMs },
          load,
          { do: "shiftClock", ms: 2 * hourMs },
          load,
          { do: "shiftClock", ms: -hourMs },
          load,
          { do: "close" },
          { do: "end", how: "natural" },
        ],
      });
      // A second run, an hour back from its start, goes on behind the first.
      const again = {
        ...plan,
        run: 1,
        acks: `${plan.acks}-again`,
        steps: [{ do: "shiftClock", ms: -hourMs } as const, ...plan.steps],
      };
      await fault.start(plan).ended();
      await fault.start(again).ended();
      const found = await readFound(plan.root);
      const { accepted, lost, duplicates } = balance(readAcknowledgements(plan.acks, again.acks), found);
      const logged = [...found.streams.values()].flat().map(({ key }) => key);
      const inOrder = [0, 1].flatMap((run) => Array.from({ length: 1200 }, (_, n) => `${run}:c0:${n}`));
      fault.tell({ accepted, lost: lost.length, inversions: found.inversions });
      expect(logged).toEqual(inOrder);
      expect({
        lost: lost.length,
        duplicates,
        damage: found.damage,
        inversions: found.inversions,
        holes: found.holes,
      }).toEqual({
        lost: 0,
        duplicates: 0,
        damage: [],
        inversions: 0,
        holes: 0,
      });
    },
  );
});
