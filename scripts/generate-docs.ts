// Writes the parts of README.md that follow from the code: npm run docs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { help } from "../apps/tui/src/command-line/help.ts";
import { actionsOf, keyPlaces } from "../apps/tui/src/keys/actions.ts";
import { showChord } from "../apps/tui/src/keys/chord.ts";
import { slashCommands, usageOf } from "../apps/tui/src/program/slash-commands.ts";
import { table } from "./bench/table.ts";

export const readme = join(import.meta.dirname, "..", "README.md");

/** Puts what follows from the code between its marks in a page. */
export function withParts(page: string): string {
  const withHelp = between(page, "bough --help", `\`\`\`text\n${help(undefined)}\`\`\`\n`);
  return between(between(withHelp, "keys", keyTable()), "slash commands", commandTable());
}

function between(page: string, mark: string, part: string): string {
  const marks = new RegExp(`(<!-- ${mark} -->\n)[\\s\\S]*?(<!-- end -->)`);
  if (!marks.test(page)) throw new Error(`The page has no place for this: <!-- ${mark} --> … <!-- end -->`);
  return page.replace(marks, (_, start: string, end: string) => `${start}\n${part}\n${end}`);
}

const places = {
  editor: "while a text is typed",
  anywhere: "anywhere",
  choice: "while there are candidates",
  list: "in a list",
  question: "when something is asked",
};

/** The keys as a table: which, what they do, where, and what that is called in the settings. */
function keyTable(): string {
  const rows = keyPlaces.flatMap((place) =>
    actionsOf(place).map(([name, { keys, help }]) => {
      const shown = keys.map((key) => `\`${showChord(key)}\``).join(" ");
      return [shown, help, places[place], `\`${name}\``];
    }),
  );
  return `\n${table(["key", "does", "where", "name"], rows)}`;
}

/** The commands of the screen and of --plain, as they are typed. */
function commandTable(): string {
  const rows = slashCommands.map((command) => [`\`${usageOf(command)}\``, command.help]);
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  return `\n${table(["command", "does"], cells)}`;
}

if (import.meta.main) writeFileSync(readme, withParts(readFileSync(readme, "utf8")));
