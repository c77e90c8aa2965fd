import type { Garbage } from "@bough/gitstate";
import { bytes } from "./amounts.ts";

/** Writes what is due below a title, a line each: what it is, how large, and why. */
export function formatGarbage(title: string, garbage: readonly Garbage[]): string {
  const lines = garbage.map((each) => `  ${nameOf(each)} (${bytes(each.size)}): ${each.why}`);
  return `${[title, ...lines].join("\n")}\n`;
}

/** Writes why something that was due is still there. */
export function formatKept(garbage: Garbage, because: string): string {
  return `Kept ${nameOf(garbage)}, because ${because}\n`;
}

function nameOf(garbage: Garbage): string {
  switch (garbage.type) {
    case "archived-session":
      return `archived session ${garbage.name}`;
    case "deleted-branch":
      return `what is left of bough/${garbage.name}`;
    case "worktree":
      return `worktree ${garbage.path}`;
    case "cache":
    case "left-over":
    case "repository-gone":
      return `folder ${garbage.path}`;
    default:
      return garbage satisfies never;
  }
}
