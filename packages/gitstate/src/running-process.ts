import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process, told from a later one of the same number by when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Digits to compare, which mean something on this system only; empty where it does not say. */
  readonly startTime: string;
}

/** What the system says of a process. */
interface ProcessState {
  readonly startTime: string;
  /** Whether it ended and nobody has asked yet how. */
  readonly isZombie: boolean;
}

let own: Promise<ProcessIdentity> | undefined;

/** Identifies the process that asks. */
export function thisProcess(): Promise<ProcessIdentity> {
  own ??= identify(process.pid);
  return own;
}

/** Identifies a process by its number. */
export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startTime: (await stateOf(pid))?.startTime ?? "" };
}

/** Whether a process of this system has ended. One of which that cannot be told has not. */
export async function hasEnded({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  if (!isAlive(pid)) return true;
  const now = await stateOf(pid);
  if (now === undefined) return !isAlive(pid);
  return now.isZombie || (startTime !== "" && now.startTime !== "" && now.startTime !== startTime);
}

/** Whether there is a process of that number, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function stateOf(pid: number): Promise<ProcessState | undefined> {
  return process.platform === "linux" ? stateInProc(pid) : stateByPs(pid);
}

async function stateInProc(pid: number): Promise<ProcessState | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name before it may hold anything, so the fields are counted from its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { startTime: fields[19] ?? "", isZombie: fields[0] === "Z" };
}

/** Asks `ps`, for systems that have no `/proc`. */
export async function stateByPs(pid: number): Promise<ProcessState | undefined> {
  // Names of months and the time zone may be others when the next one asks.
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC0" };
  const args = ["-o", "stat=", "-o", "lstart=", "-p", String(pid)];
  const output = await promisify(execFile)("ps", args, { env }).catch(() => undefined);
  const [, state, started = ""] = /^\s*(\S+)\s+(.+)$/m.exec(output?.stdout ?? "") ?? [];
  if (state === undefined) return undefined;
  const time = Date.parse(`${started.trim()} UTC`);
  return { startTime: Number.isNaN(time) ? "" : String(time), isZombie: state.startsWith("Z") };
}
