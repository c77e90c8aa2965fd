/** Writes blocks that a page shows when somebody opens their title, which is HTML. */
export function folded(title: string, ...content: readonly string[]): string {
  return [`<details><summary>${title}</summary>`, ...content, "</details>"].join("\n\n");
}

/** Writes text as HTML. */
export function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Writes text on one line, cut where it is longer than `length` characters. */
export function oneLineOf(text: string, length: number): string {
  const characters = Array.from(text.trim().replace(/\s+/g, " "));
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}
