import { readFileSync } from "node:fs";

/** The processes below one, nearest first, as Linux tells them; none where it does not. Beyond `most` no more are looked for. */
export function descendants(pid: number, most = Number.POSITIVE_INFINITY): number[] {
  const found = [pid];
  for (const each of found) {
    if (found.length > most) break;
    found.push(...childrenOf(each));
  }
  return found.slice(1);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
