import { type BytePath, readablePath } from "./byte-path.ts";

/** The line of `.worktreeinclude` that names this path and no other; what a line cannot hold is a wildcard in it. */
export function includeLine(path: BytePath): string {
  const escaped = readablePath(path)
    .replace(/[\\*?[]/g, "\\$&")
    .replace(/[\r\n\0]/g, "?")
    .replace(/\ufffd+/g, "*")
    .replace(/ +$/, (blanks) => "\\ ".repeat(blanks.length));
  return `/${escaped}`;
}
