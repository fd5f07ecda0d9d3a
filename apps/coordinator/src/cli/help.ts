import { defaultRange } from "./options.ts";

/** What `--help` prints: examples first, at most 24 lines. */
export const helpText = `Runs 54 containers over bars of the S&P 500 and leaves a Waybill log tree.

  npm start                        two years, ${defaultRange.from} to ${defaultRange.to}
  npm start -- --all               all 5,105 bars, 2000 to 2020
  npm start -- --from 2008-09-01 --to 2008-12-31 --containers 200
  npm start -- --soak              a minute is a day: archiving, expiry, alerts

Range
  --all               every bar of the data
  --from YYYY-MM-DD   first day; alone, to the end of the data
  --to YYYY-MM-DD     last day; alone, from the beginning of the data
Run
  --containers N      strategy containers, 1 to 500 (default 50); 4 more run
  --speed N           bars per second, 0.1 to 10,000 (default: no limit)
  --log-dir DIR       log tree, new or continued (default ./logs)
  --config FILE       configuration, followed while running
  --soak [SECONDS]    round after round within small limits (90; or forever)
Other
  -q, --quiet         no progress and no report, errors only
  -h, --help          this text
  -v, --version       the version

Exit: 0 done, 1 a soak broke a promise, 2 usage, 3 cannot read or write`;
