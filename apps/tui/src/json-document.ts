import { escapeForTerminal } from "./terminal-text.ts";

/**
 * Prints a value as one JSON document that is safe on a terminal too: what one would obey or hide is a `\u` escape.
 * What is unknown is null.
 */
export function jsonDocument(value: unknown): string {
  const json = JSON.stringify(value, (_, member: unknown) => (member === undefined ? null : member), 2);
  return `${withVisibleText(json)}\n`;
}

/** Prints a value as JSON on a line of its own, as safe on a terminal. */
export function jsonLine(value: unknown): string {
  return `${withVisibleText(JSON.stringify(value))}\n`;
}

/** Writes what a terminal would obey or hide in JSON as escapes; its line feeds are layout, those of the text are escaped already. */
export function withVisibleText(json: string): string {
  return json.replace(/[^\n -~]/gu, (character) =>
    escapeForTerminal(character) === character ? character : unicodeEscapes(character),
  );
}

function unicodeEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }).join("");
}
