import { readFileSync } from "node:fs";
import { descendants } from "./descendants.ts";

/** A process that multiplies starts some thousand others in a second. */
const lookEveryMs = 20;

/**
 * Calls `exceeded` once when more than so many processes live below one, and returns what ends the watch. The system's own
 * limit does not bind the superuser, and elsewhere counts what the user runs besides.
 */
export function watchProcesses(pid: number, most: number, exceeded: () => void): () => void {
  let fewest = threadsOfMachine();
  const look = () => {
    // To walk the processes takes a while, and the machine's count tells when there is no need to.
    const threads = threadsOfMachine();
    fewest = Math.min(fewest, threads);
    if (threads - fewest < most / 2 || descendants(pid, most + 1).length <= most) return;
    clearInterval(timer);
    exceeded();
  };
  const timer = setInterval(look, lookEveryMs);
  return () => clearInterval(timer);
}

/** How many threads the machine has; where it does not tell, nothing is ever too many. */
function threadsOfMachine(): number {
  try {
    return Number(/\d+\/(\d+)/.exec(readFileSync("/proc/loadavg", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
