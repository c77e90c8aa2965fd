import type { Token } from "marked";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Span, Style } from "../text/line.ts";
import { markedTokens } from "./tokens.ts";

/** A line break that was asked for. */
const BREAK: Span = { text: "\n" };

/** Writes what stands in a line as spans; one that is `\n` breaks the line. */
export function inlineSpans(tokens: readonly Token[] | undefined, style: Style = {}): Span[] {
  return markedTokens(tokens).flatMap((token): Span[] => {
    switch (token.type) {
      case "strong":
        return inlineSpans(token.tokens, { ...style, bold: true });
      case "em":
        return inlineSpans(token.tokens, { ...style, italic: true });
      case "del":
        return inlineSpans(token.tokens, { ...style, strike: true });
      case "codespan":
        return [span(token.text, { ...style, role: "code" })];
      case "link":
        return linkSpans(inlineSpans(token.tokens, { ...style, role: "link" }), token.href, style);
      case "image":
        return linkSpans([span(token.text, { ...style, role: "link" })], token.href, style);
      case "br":
        return [BREAK];
      case "text":
        return token.tokens === undefined ? [span(token.text, style)] : inlineSpans(token.tokens, style);
      case "escape":
        return [span(token.text, style)];
      case "checkbox":
        return [span(token.checked ? "[x] " : "[ ] ", style)];
      // What stands between blocks, or is one, is not met in a line; what is HTML is shown as it was written.
      default:
        return [span(token.raw, style)];
    }
  });
}

/** An address that is its own text is not written twice. */
function linkSpans(text: readonly Span[], href: string, style: Style): Span[] {
  const shown = text.map((each) => each.text).join("");
  const isShown = shown === href || `mailto:${shown}` === href || shown === "";
  return isShown && shown !== ""
    ? [...text]
    : [...text, span(`${shown === "" ? "" : " "}(${href})`, { ...style, role: "muted" })];
}

/** Makes a span of text that came from anywhere: safe, on one line, without tabs. */
export function span(text: string, style: Style = {}): Span {
  const safe = escapeForTerminal(text).replaceAll(/[\n\t]/g, " ");
  return Object.keys(style).length === 0 ? { text: safe } : { text: safe, style };
}
