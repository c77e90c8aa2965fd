import { escapeForTerminal } from "./terminal-text.ts";

/** Writes any text on one line that is safe to print, cut where it is longer than `length` characters. */
export function oneLine(text: string, length: number): string {
  const line = Array.from(escapeForTerminal(text.trim().replace(/\s+/g, " ")));
  if (line.length <= length) return line.join("");
  return `${line
    .slice(0, Math.max(0, length - 1))
    .join("")
    .trimEnd()}…`;
}
