import { oneLine } from "../one-line.ts";
import type { Page } from "./page.ts";

const REMOTE_SHOWN = 10;

/** Says how to begin where there is no session; in a fresh clone there are those that were fetched, with which nobody here went on. */
export function formatNoSessions([first, ...others]: readonly string[], { width }: Page): string {
  if (first === undefined) return 'No sessions here yet. Start one: bough -p "<prompt>"\n';
  const names = [first, ...others].slice(0, REMOTE_SHOWN).map((name) => `  ${oneLine(name, width - 2)}`);
  const rest = others.length + 1 - names.length;
  return [
    "No sessions here yet, but in other clones, as they were when last fetched:",
    ...names,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
    `Go on with one here: bough -p "<prompt>" --resume ${oneLine(first, width)}`,
    "",
  ].join("\n");
}
