import { fenced } from "./fenced.ts";

/**
 * Takes Markdown that a person or a model wrote into a page: its blocks of code end with it, its headings stand below
 * the page's own, and its HTML is text.
 */
export function prose(text: string): string {
  const parts: string[] = [];
  const words: string[] = [];
  const lines = text.trim().split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const opening = openingOf(line);
    if (opening === undefined) {
      words.push(inert(line));
      continue;
    }
    if (/[^\s>]/.test(opening.before)) words.push(inert(opening.before));
    parts.push(words.splice(0).join("\n"));
    const start = at + 1;
    // One that is never closed holds all that follows.
    for (at = start; at < lines.length && !closes(lines[at] ?? "", opening.fence); ) at++;
    const code = lines.slice(start, at).map((each) => withoutIndent(each, opening.before));
    parts.push(fenced(code.join("\n"), opening.language));
  }
  parts.push(words.join("\n"));
  return parts
    .map((part) => part.replace(/^\n+|\s+$/g, ""))
    .filter((part) => part !== "")
    .join("\n\n");
}

interface Opening {
  /** Blanks, and the marks of the list or quote that the block stands in. */
  readonly before: string;
  readonly fence: string;
  readonly language: string;
}

function openingOf(line: string): Opening | undefined {
  const found = /^([\s>]*(?:(?:[-*+]|\d{1,9}[.)])[\s>]+)*)(`{3,}(?=[^`]*$)|~{3,})(.*)$/.exec(line);
  if (found === null) return undefined;
  const [, before = "", fence = "", info = ""] = found;
  return { before, fence, language: info.trim().split(/\s/, 1)[0] ?? "" };
}

function closes(line: string, fence: string): boolean {
  const found = /^[\s>]*(`{3,}|~{3,})\s*$/.exec(line)?.[1];
  return found?.startsWith(fence) === true;
}

/** Takes away what stood before the fence as well, as far as it is there. */
function withoutIndent(line: string, before: string): string {
  let at = 0;
  while (at < before.length && (line[at] === before[at] ? /[\s>]/ : /\s/).test(line[at] ?? "x")) at++;
  return line.slice(at);
}

const MARKS = /(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)|<(?:https?:\/\/[^\s<>]*>)?/g;

/** Whether a renderer takes it for code or not, nothing of a line becomes HTML. */
function inert(line: string): string {
  return line
    .replace(/^ {0,3}(?=#{1,6}(?:\s|$))/, (indent) => (/^\s*#{1,4}(?!#)/.test(line) ? `${indent}##` : indent))
    .replace(MARKS, (mark, _ticks: string | undefined, code: string | undefined) => {
      if (code === undefined) return mark === "<" ? "&lt;" : mark;
      return code.includes("<") ? `<code>${asEntities(code.trim())}</code>` : mark;
    });
}

/** Text in which there is neither HTML nor Markdown. */
function asEntities(text: string): string {
  return text.replace(/[^\w\s,;]/g, (character) => `&#${character.codePointAt(0)};`);
}
