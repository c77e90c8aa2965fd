import { escapeForTerminal } from "../terminal-text.ts";
import type { Line, Role, Span, Style } from "../text/line.ts";

/** What our own styles are written as: the parameters that begin one, and what they mean here. */
const begins: Readonly<Record<string, Style>> = {
  "1": { bold: true },
  "2": { role: "muted" },
  "31": { role: "removed" },
  "32": { role: "added" },
  "36": { role: "accent" },
};

const ends: ReadonlySet<string> = new Set(["22", "39", "0", ""]);
const sequence = /\p{Cc}\[([0-9;]*)m/gu;

/** Reads a line of what a command printed: our own styles become spans, whatever else a terminal would obey is written out. */
export function spansOf(line: string, role: Role = "text"): Line {
  const spans: Span[] = [];
  let style: Style = { role };
  let at = 0;
  const push = (text: string) => {
    if (text !== "") spans.push({ text: escapeForTerminal(text).replaceAll("\t", "    "), style });
  };
  for (const match of line.matchAll(sequence)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    const parameters = match[1] ?? "";
    if (ends.has(parameters)) style = { role };
    else style = { ...style, ...begins[parameters] };
  }
  push(line.slice(at));
  return spans;
}
