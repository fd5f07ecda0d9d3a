import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRotationPeriod, type RotationInterval } from "./rotation-period.ts";

/** The ends of the periods that follow each other from a moment on. */
function endsFrom(interval: RotationInterval, timeZone: string, from: string, count: number): string[] {
  const period = createRotationPeriod(interval, timeZone);
  const ends: number[] = [];
  for (let at = period.endOf(Date.parse(from)); ends.length < count; at = period.endOf(at)) ends.push(at);
  return ends.map((ms) => new Date(ms).toISOString().replace(":00.000Z", ""));
}

describe("createRotationPeriod in UTC", () => {
  it.each([
    ["hourly", "2026-01-01T00:00:00.000Z", "2026-01-01T01:00:00.000Z"],
    ["hourly", "2026-01-01T00:59:59.999Z", "2026-01-01T01:00:00.000Z"],
    ["hourly", "2026-12-31T23:30:00.000Z", "2027-01-01T00:00:00.000Z"],
    ["daily", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"],
    ["daily", "2026-01-01T23:59:59.999Z", "2026-01-02T00:00:00.000Z"],
    ["daily", "2028-02-28T12:00:00.000Z", "2028-02-29T00:00:00.000Z"],
    ["daily", "1969-12-31T12:00:00.000Z", "1970-01-01T00:00:00.000Z"],
  ] as const)("%s: %s ends at %s, in both names of the zone", (interval, from, end) => {
    for (const timeZone of ["UTC", "Etc/UTC"]) {
      expect(createRotationPeriod(interval, timeZone).endOf(Date.parse(from))).toBe(Date.parse(end));
    }
  });

  it("is the default", () => {
    expect(createRotationPeriod("daily").endOf(0)).toBe(86_400_000);
  });
});

describe("createRotationPeriod", () => {
  it("never ends what never rotates", () => {
    expect(createRotationPeriod("never", "Europe/Berlin").endOf(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(["never", "hourly", "daily"] as const)("refuses an unknown zone: %s", (interval) => {
    expect(() => createRotationPeriod(interval, "Mars/Olympus")).toThrow(RangeError);
    expect(() => createRotationPeriod(interval, "")).toThrow(RangeError);
  });

  it.each([
    ["Europe/Berlin, put forward", "2026-03-28T12:00Z", ["2026-03-28T23:00", "2026-03-29T22:00"]],
    ["Europe/Berlin, put back", "2026-10-24T12:00Z", ["2026-10-24T22:00", "2026-10-25T23:00"]],
    ["America/New_York, put forward", "2026-03-07T12:00Z", ["2026-03-08T05:00", "2026-03-09T04:00"]],
    ["America/New_York, put back", "2026-10-31T12:00Z", ["2026-11-01T04:00", "2026-11-02T05:00"]],
    ["Australia/Lord_Howe, put forward", "2026-10-03T12:00Z", ["2026-10-03T13:30", "2026-10-04T13:00"]],
    ["Australia/Lord_Howe, put back", "2026-04-04T12:00Z", ["2026-04-04T13:00", "2026-04-05T13:30"]],
    ["Asia/Kathmandu", "2026-06-01T12:00Z", ["2026-06-01T18:15", "2026-06-02T18:15"]],
    ["Pacific/Apia, without the 30th", "2011-12-29T12:00Z", ["2011-12-30T10:00", "2011-12-31T10:00"]],
    ["America/Santiago, without a midnight", "2026-09-05T12:00Z", ["2026-09-06T04:00", "2026-09-07T03:00"]],
    ["America/Havana, with two midnights", "2026-10-31T12:00Z", ["2026-11-01T04:00", "2026-11-02T05:00"]],
  ])("ends days in %s", (name, from, ends) => {
    expect(endsFrom("daily", name.split(",")[0] as string, from, 2)).toEqual(ends);
  });

  it.each([
    ["Europe/Berlin, put forward", "2026-03-29T00:30Z", ["2026-03-29T01:00", "2026-03-29T02:00"]],
    ["Europe/Berlin, put back", "2026-10-25T00:30Z", ["2026-10-25T01:00", "2026-10-25T02:00"]],
    ["Australia/Lord_Howe, put forward", "2026-10-03T14:40Z", ["2026-10-03T15:30", "2026-10-03T16:00"]],
    ["Australia/Lord_Howe, put back", "2026-04-04T14:10Z", ["2026-04-04T15:00", "2026-04-04T15:30"]],
    ["Asia/Kathmandu", "2026-06-01T12:00Z", ["2026-06-01T12:15", "2026-06-01T13:15"]],
    ["Pacific/Apia, without the 30th", "2011-12-30T09:30Z", ["2011-12-30T10:00", "2011-12-30T11:00"]],
  ])("ends hours in %s", (name, from, ends) => {
    expect(endsFrom("hourly", name.split(",")[0] as string, from, 2)).toEqual(ends);
  });

  it("answers alike whatever was asked before, also back in time", () => {
    const [asked, fresh] = [0, 0].map(() => createRotationPeriod("daily", "Europe/Berlin"));
    const moments = [
      "01-03T22:59",
      "01-03T23:00",
      "01-02T22:59",
      "01-03T10:00",
      "01-01T00:00",
      "01-03T12:00",
    ];
    const answers = moments.map((moment) => asked?.endOf(Date.parse(`2026-${moment}Z`)));
    expect(answers).toEqual(
      moments.map((moment) =>
        createRotationPeriod("daily", "Europe/Berlin").endOf(Date.parse(`2026-${moment}Z`)),
      ),
    );
    expect(answers[0]).toBe(fresh?.endOf(Date.parse("2026-01-03T22:59Z")));
  });

  it("ends each period behind its moment, with one local hour or date all through it and another at its end", () => {
    const zones = [
      "UTC",
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
      "Pacific/Apia",
      "America/Havana",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom("hourly" as const, "daily" as const),
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2045, 0) }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (interval, timeZone, now, part) => {
          const format = new Intl.DateTimeFormat("en-GB", {
            timeZone,
            dateStyle: "short",
            ...(interval === "hourly" ? { timeStyle: "full" } : {}),
          });
          // "01/02/2026, 13:45:59 Central European Standard Time" without minutes and seconds.
          const labelOf = (ms: number) => format.format(ms).replace(/:\d\d:\d\d/, "");
          const end = createRotationPeriod(interval, timeZone).endOf(now);
          const within = now + Math.floor((end - 1 - now) * part);
          expect(end).toBeGreaterThan(now);
          expect([labelOf(within), labelOf(end - 1)]).toEqual([labelOf(now), labelOf(now)]);
          expect(labelOf(end)).not.toBe(labelOf(now));
        },
      ),
      { seed: 20_260_104, numRuns: 1500 },
    );
  });
});
