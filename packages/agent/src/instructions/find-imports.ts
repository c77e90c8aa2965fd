/** Finds the paths that a text imports, each once and in order: `@docs/style.md`, where it is not part of a word. */
export function findImports(text: string): readonly string[] {
  const found = proseOf(text).flatMap((part) => [...part.matchAll(/(?<![^\s(])@((?:[\w.~/-]|[^\p{ASCII}\s])+)/gu)]);
  const paths = found.map(([, path = ""]) => path.replace(/[.,]+$/, ""));
  return [...new Set(paths.filter((path) => /[^./]/.test(path)))];
}

/** The parts of a text that are no code: neither in a fenced block nor between backticks in a line. */
function proseOf(text: string): string[] {
  const prose: string[] = [];
  let fence: string | undefined;
  for (const line of text.split("\n")) {
    const [, marks] = /^\s{0,12}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence !== undefined) {
      if (marks?.startsWith(fence)) fence = undefined;
    } else if (marks !== undefined) {
      fence = marks;
    } else {
      prose.push(...line.split(/`+/).filter((_, index) => index % 2 === 0));
    }
  }
  return prose;
}
