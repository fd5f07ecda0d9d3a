/** What is asked of a stream. */
export interface ColourTarget {
  readonly isTTY?: boolean;
}

/** Whether a stream gets colours: `NO_COLOR` before `FORCE_COLOR` before being a terminal that is not dumb. */
export function hasColour(target: ColourTarget, environment: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = environment;
  if (no !== undefined && no !== "") return false;
  if (force !== undefined && force !== "") return force !== "0";
  return target.isTTY === true && terminal !== "dumb";
}
