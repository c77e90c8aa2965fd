/** How most lines of a text end; LF when it has no lines that end. */
export function lineEnding(text: string): "\n" | "\r\n" {
  const windowsEnds = text.match(/\r\n/g)?.length ?? 0;
  const ends = text.match(/\n/g)?.length ?? 0;
  return windowsEnds * 2 > ends ? "\r\n" : "\n";
}

/** The text with all its lines ending alike. */
export function withLineEnding(text: string, ending: "\n" | "\r\n"): string {
  return text.replace(/\r?\n/g, ending);
}
