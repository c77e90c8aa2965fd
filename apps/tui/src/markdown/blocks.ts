import type { MarkedToken, Token, Tokens } from "marked";
import type { Line, Span, Style } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { wrap } from "../text/wrap.ts";
import { highlight } from "./highlight.ts";
import { inlineSpans, span } from "./inline.ts";
import { tableLines } from "./table.ts";
import { markedTokens } from "./tokens.ts";

const MUTED: Style = { role: "muted" };
const NARROWEST = 8;

/** Lays blocks out in lines of a width, an empty one between two. */
export function blockLines(tokens: readonly Token[], width: number): Line[] {
  const lines: Line[] = [];
  let isFirst = true;
  for (const token of markedTokens(tokens)) {
    const block = linesOf(token, Math.max(NARROWEST, width));
    if (block.length === 0) continue;
    if (!isFirst) lines.push([]);
    lines.push(...block);
    isFirst = false;
  }
  return lines;
}

function linesOf(token: MarkedToken, width: number): Line[] {
  switch (token.type) {
    case "heading":
      return paragraph(inlineSpans(token.tokens, { role: "heading", bold: true, underline: token.depth === 1 }), width);
    case "paragraph":
    case "text":
      return paragraph(inlineSpans(token.tokens ?? [token]), width);
    case "code":
      return codeLines(token, width);
    case "list":
      return listLines(token, width);
    case "blockquote":
      return blockLines(token.tokens, width - 2).map((line) => [{ text: "│ ", style: MUTED }, ...line]);
    case "table":
      return tableLines(token, width);
    case "hr":
      return [[{ text: "─".repeat(Math.min(width, 40)), style: MUTED }]];
    case "html":
      return token.raw.trim() === ""
        ? []
        : token.raw
            .trimEnd()
            .split("\n")
            .flatMap((line) => wrap([span(line)], width));
    case "space":
    case "def":
      return [];
    default:
      return paragraph(inlineSpans([token]), width);
  }
}

/** Wraps each line of what was broken on purpose. */
function paragraph(spans: readonly Span[], width: number): Line[] {
  const lines: Span[][] = [[]];
  for (const each of spans) {
    if (each.text === "\n") lines.push([]);
    else lines.at(-1)?.push(each);
  }
  return lines.flatMap((line) => wrap(line, width));
}

/** Code keeps its line breaks; a line that is too long goes on in the next row. */
function codeLines({ text, lang = "" }: Tokens.Code, width: number): Line[] {
  const code = text.replaceAll("\t", "    ");
  const lines = highlight(code, lang) ?? code.split("\n").map((line) => [span(line, { role: "code" })]);
  return lines.flatMap((line) => wrap(line, width - 2)).map((line) => [{ text: "  " }, ...line]);
}

function listLines({ items, ordered, start, loose }: Tokens.List, width: number): Line[] {
  const first = start === "" ? 1 : start;
  const widest = ordered ? widthOf(`${first + items.length - 1}. `) : 2;
  return items.flatMap((item, index) => {
    const mark = ordered ? `${first + index}. `.padStart(widest) : "• ";
    const body = itemLines(item, width - widest);
    const marked = (body.length === 0 ? [[]] : body).map(
      (line, row): Line =>
        row === 0
          ? [{ text: mark, style: MUTED }, ...line]
          : line.length === 0
            ? line
            : [{ text: " ".repeat(widest) }, ...line],
    );
    return loose && index > 0 ? [[], ...marked] : marked;
  });
}

/** In a tight list what is below an item follows at once. */
function itemLines({ tokens, loose }: Tokens.ListItem, width: number): Line[] {
  return loose
    ? blockLines(tokens, width)
    : markedTokens(joinedTasks(tokens)).flatMap((token) => linesOf(token, Math.max(NARROWEST, width)));
}

/** The box of a task and its words are one line. */
function joinedTasks(tokens: readonly Token[]): Token[] {
  const [first, second, ...rest] = markedTokens(tokens);
  if (first?.type !== "checkbox" || second === undefined || !("tokens" in second)) return [...tokens];
  const joined: Tokens.Text = {
    type: "text",
    raw: second.raw,
    text: second.raw,
    tokens: [first, ...(second.tokens ?? [])],
  };
  return [joined, ...rest];
}
