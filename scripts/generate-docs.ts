// Writes the parts of README.md that follow from the code: npm run docs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { help } from "../apps/tui/src/command-line/help.ts";
import { slashCommands, usageOf } from "../apps/tui/src/program/slash-commands.ts";

export const readme = join(import.meta.dirname, "..", "README.md");

/** Puts all that follows from the code between its marks in a page. */
export function withGenerated(page: string): string {
  return withSlashCommands(withHelp(page));
}

function withSlashCommands(page: string): string {
  const marks = /(<!-- slash commands -->\n)[\s\S]*?(<!-- end of slash commands -->)/;
  if (!marks.test(page)) throw new Error("The page has no place for the commands: <!-- slash commands --> …");
  const rows = slashCommands.map((command) => {
    const usage = usageOf(command).replaceAll("|", "\\|");
    return `| \`${usage}\` | ${command.help.replaceAll("|", "\\|")} |`;
  });
  const table = ["| command | does |", "| --- | --- |", ...rows].join("\n");
  return page.replace(marks, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`);
}

function withHelp(page: string): string {
  const marks = /(<!-- bough --help -->\n)[\s\S]*?(<!-- end -->)/;
  if (!marks.test(page)) throw new Error("The page has no place for the help: <!-- bough --help --> … <!-- end -->");
  return page.replace(
    marks,
    (_, start: string, end: string) => `${start}\n\`\`\`text\n${help(undefined)}\`\`\`\n\n${end}`,
  );
}

if (import.meta.main) writeFileSync(readme, withGenerated(readFileSync(readme, "utf8")));
