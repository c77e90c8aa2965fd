import { readFileSync } from "node:fs";
import { descendants } from "./descendants.ts";

const listening = "0A";

/** Whether something listens on a TCP port in the network that a process, or the sandbox below it, is in; Linux only. */
export function isListenedOn(port: number, pid: number): boolean {
  // A sandbox is started by a process that stays outside of it.
  const [inside = pid] = descendants(pid);
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return ["tcp", "tcp6"]
    .flatMap((table) => sockets(`/proc/${inside}/net/${table}`))
    .some(([address, state]) => {
      return state === listening && address?.endsWith(`:${wanted}`);
    });
}

function sockets(table: string): (readonly [address: string | undefined, state: string | undefined])[] {
  try {
    const lines = readFileSync(table, "utf8").trim().split("\n").slice(1);
    return lines.map((line) => line.trim().split(/\s+/)).map(([, address, , state]) => [address, state]);
  } catch {
    return [];
  }
}
