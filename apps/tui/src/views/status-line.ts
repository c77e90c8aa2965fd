import { oneLine } from "../one-line.ts";
import type { Line, Span } from "../text/line.ts";
import { clip, widthOfLine } from "../text/wrap.ts";

/** What is known of a tab's work. */
export interface Status {
  readonly branch: string;
  readonly mode?: string;
  readonly model?: string;
  /** How much of what the model can be told is used, in percent. */
  readonly context?: number;
  readonly tokens?: string;
  readonly cost?: string;
  readonly hasSandbox?: boolean;
}

/** A context this full will soon have to be made smaller. */
const FULL = 80;

/** Writes what is known on one line; where that is too narrow, the first of it. */
export function statusLine({ branch, mode, model, context, tokens, cost, hasSandbox }: Status, width: number): Line {
  const parts: Span[] = [{ text: oneLine(branch, 40), style: { role: "accent" } }];
  const say = (text: string | undefined, role: "muted" | "warning" = "muted") => {
    if (text !== undefined) parts.push({ text: oneLine(text, 40), style: { role } });
  };
  say(mode, mode === "bypassPermissions" ? "warning" : "muted");
  say(hasSandbox === false ? "no sandbox" : undefined, "warning");
  say(model);
  say(
    context === undefined ? undefined : `${Math.round(context)}% context`,
    (context ?? 0) >= FULL ? "warning" : "muted",
  );
  say(tokens === undefined ? undefined : `${tokens} tokens`);
  say(cost);
  say(hasSandbox === true ? "sandbox" : undefined);
  const between: Span = { text: "  ·  ", style: { role: "muted", dim: true } };
  let line: Line = [];
  for (const part of parts) {
    const longer = line.length === 0 ? [part] : [...line, between, part];
    if (line.length > 0 && widthOfLine(longer) > width) return line;
    line = longer;
  }
  return clip(line, width);
}
