import type { MarkedToken, Token } from "marked";

const types: ReadonlySet<string> = new Set<MarkedToken["type"]>([
  "blockquote",
  "br",
  "checkbox",
  "code",
  "codespan",
  "def",
  "del",
  "em",
  "escape",
  "heading",
  "hr",
  "html",
  "image",
  "link",
  "list",
  "list_item",
  "paragraph",
  "space",
  "strong",
  "table",
  "text",
]);

/** Finds the tokens among those that marked may be extended by; there are no others. */
export function markedTokens(tokens: readonly Token[] = []): MarkedToken[] {
  return tokens.filter(isMarkedToken);
}

function isMarkedToken(token: Token): token is MarkedToken {
  return types.has(token.type);
}
