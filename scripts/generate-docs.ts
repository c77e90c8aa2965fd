// Writes the parts of README.md that follow from the code: npm run docs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { help } from "../apps/tui/src/command-line/help.ts";

export const readme = join(import.meta.dirname, "..", "README.md");

/** Puts the program's help between its marks in a page. */
export function withHelp(page: string): string {
  const marks = /(<!-- bough --help -->\n)[\s\S]*?(<!-- end -->)/;
  if (!marks.test(page)) throw new Error("The page has no place for the help: <!-- bough --help --> … <!-- end -->");
  return page.replace(
    marks,
    (_, start: string, end: string) => `${start}\n\`\`\`text\n${help(undefined)}\`\`\`\n\n${end}`,
  );
}

if (import.meta.main) writeFileSync(readme, withHelp(readFileSync(readme, "utf8")));
