import type { Span } from "./spans.ts";

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const HEADERS = /(?:(?:\s|\\[nr]|\d+\t)*[A-Z][\w-]{1,30}: [^\n]*)*/y;
/** Base64, broken into lines in whatever way, also as in JSON and as Read numbers them. */
const BODY = /[A-Za-z0-9+/=\s\\]*/y;
const END = /-----END [A-Z0-9 ]{0,50}PRIVATE KEY(?: BLOCK)?-----/y;
const LONG_LINES = /^.*[A-Za-z0-9+/=]{16}/s;
/** Without as much of it nothing is given away, as in a program that looks for the line a key begins with. */
const SOME_BASE64 = /[A-Za-z0-9+/]{32}/;

/**
 * Finds private keys in PEM, also cut short and also encrypted ones, which secretlint passes over. The form is that of
 * RFC 7468 and, for headers, RFC 1421.
 */
export function findPrivateKeys(text: string): Span[] {
  return Array.from(keysIn(text), ({ start, body, bodyEnd }) => {
    const end = after(END, text, bodyEnd);
    // Of a key that is cut short, what follows may be words.
    const length = end > bodyEnd ? end - body : (LONG_LINES.exec(text.slice(body, bodyEnd))?.[0].length ?? 0);
    return { start, end: body + length, name: "private key" };
  }).filter(({ start, end }) => SOME_BASE64.test(text.slice(start, end)));
}

/** Where a private key starts that may go on behind the end of a text. */
export function startOfOpenKey(text: string): number | undefined {
  return keysIn(text).find(({ bodyEnd }) => bodyEnd === text.length)?.start;
}

function* keysIn(text: string): Generator<{ start: number; body: number; bodyEnd: number }, undefined> {
  for (const { 0: begin, index } of text.matchAll(BEGIN)) {
    const body = after(HEADERS, text, index + begin.length);
    yield { start: index, body, bodyEnd: after(BODY, text, body) };
  }
}

/** The lines of private keys, of which each may be shown alone. */
export function linesOfPrivateKeys(text: string): string[] {
  return findPrivateKeys(text).flatMap(({ start, end }) =>
    text
      .slice(start, end)
      .split(/\s+|\\n/)
      .filter((line) => SOME_BASE64.test(line)),
  );
}

function after(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : index;
}
