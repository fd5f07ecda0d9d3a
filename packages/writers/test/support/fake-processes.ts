import type { ProcessIdentity, ProcessTable } from "../../src/ownership/process-identity.ts";

/** Processes of one machine that a test starts and ends. */
export interface FakeProcesses {
  /** The table as that process sees it. @param started - default: one for each pid. */
  start(pid: number, started?: string): ProcessTable;
  end(pid: number): void;
}

export function createFakeProcesses(host = "h1"): FakeProcesses {
  const running = new Map<number, string>();
  const isRunning = (identity: ProcessIdentity) =>
    identity.host !== host || running.get(identity.pid) === identity.started;
  return {
    start(pid, started = `s${pid}`) {
      running.set(pid, started);
      return { self: { host, pid, started }, isRunning };
    },
    end: (pid) => void running.delete(pid),
  };
}
