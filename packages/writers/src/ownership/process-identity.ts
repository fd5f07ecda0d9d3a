import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process holds something. A pid alone is used again; together with the start it is not. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as far as the system tells; empty where it does not. */
  readonly started: string;
}

/** The processes of this machine, as a port. */
export interface ProcessTable {
  readonly self: ProcessIdentity;
  /**
   * Whether the process runs. One on another host, or one that cannot be judged, counts as running; one that has ended
   * and whose parent has not asked for its status (a zombie) does not.
   *
   * With a thread of it, whether that runs: one that ended without a word leaves its process behind.
   *
   * Machines are told apart by host name: two of one name, and two containers of one host name that do not see each
   * other's processes, take each other's for ended.
   */
  isRunning(identity: ProcessIdentity & { readonly thread?: string }): boolean;
}

/** The process table of this machine. */
export const systemProcesses: ProcessTable = {
  self: { host: hostname(), pid: process.pid, started: stateOf(process.pid)?.started ?? "" },
  isRunning({ host, pid, started, thread = "" }) {
    if (host !== hostname()) return true;
    if (!answers(pid)) return false;
    const now = stateOf(pid);
    if (now === undefined) return true;
    const isProcess = !now.hasEnded && (started === "" || started === now.started);
    return isProcess && (thread === "" || isThreadOf(pid, thread));
  },
};

/**
 * The thread that calls, as `<id>/<start>`: an id alone is used again. Empty where the system does not tell, and where
 * what it tells is of another process namespace.
 */
export function currentThread(): string {
  try {
    const [pid, , id] = readlinkSync("/proc/thread-self").split("/");
    return Number(pid) === process.pid ? `${id}/${statOf(`${pid}/task/${id}`).ticks}` : "";
  } catch {
    return "";
  }
}

/** Whether a thread of a process runs; one that cannot be judged does. */
function isThreadOf(pid: number, thread: string): boolean {
  const [id, ticks] = thread.split("/");
  try {
    return statOf(`${pid}/task/${id}`).ticks === ticks;
  } catch (error) {
    return !(
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ESRCH")
    );
  }
}

interface ProcessState {
  /** Boot and ticks since then: a pid may have the same tick after the next boot. */
  readonly started: string;
  readonly hasEnded: boolean;
}

/** From `/proc/<pid>/stat` or `/proc/<pid>/task/<id>/stat`, see proc_pid_stat(5). @throws what `node:fs` throws. */
function statOf(task: string): { readonly state: string | undefined; readonly ticks: string | undefined } {
  const stat = readFileSync(`/proc/${task}/stat`, "latin1");
  // The second field is the command in parentheses, which may itself hold spaces and parentheses.
  const fromThird = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fromThird[0], ticks: fromThird[19] };
}

/** Undefined where it cannot be read. */
function stateOf(pid: number): ProcessState | undefined {
  try {
    const { state, ticks } = statOf(String(pid));
    if (state === undefined || ticks === undefined) return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return { started: `${boot}/${ticks}`, hasEnded: state === "Z" || state === "X" };
  } catch {
    return undefined;
  }
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
