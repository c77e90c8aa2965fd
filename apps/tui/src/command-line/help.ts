import { type CommandWord, commands, commandWords } from "./commands.ts";
import { type Flag, flagsOf } from "./flags.ts";

const width = 100;

/** Writes the help of a command, or of the program. */
export function help(topic: CommandWord | undefined): string {
  return topic === undefined ? programHelp() : commandHelp(topic);
}

function programHelp(): string {
  const { open, print, plain } = commands;
  return [
    "bough: a coding agent whose whole state is git\n",
    section("Usage", [
      [`bough ${open.synopsis} [flags]`, open.help],
      [`bough ${print.synopsis} [flags]`, print.help],
      [`bough ${plain.synopsis} [flags]`, plain.help],
      ["bough <command> [flags]", "See below; `bough <command> --help` tells more"],
    ]),
    section("Commands", [
      ...commandWords.map((word): Row => [commands[word].synopsis, commands[word].help]),
      ["help [<command>]", "This help, or that of a command"],
    ]),
    section("Flags of bough and bough -p", flagsOf("print").map(flagRow)),
  ].join("\n");
}

function commandHelp(word: CommandWord): string {
  const { synopsis, help } = commands[word];
  return [`bough ${synopsis} [flags]\n`, `${fold(help, "  ")}\n`, section("Flags", flagsOf(word).map(flagRow))].join(
    "\n",
  );
}

type Row = readonly [left: string, right: string];

function flagRow(flag: Flag): Row {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  const value = flag.value === undefined ? "" : ` ${flag.value.name}`;
  const aliases = (flag.aliases ?? []).map(({ name }) => `--${name}`).join(", ");
  return [`${short}--${flag.name}${value}`, aliases === "" ? flag.help : `${flag.help} [also ${aliases}]`];
}

/** Lays rows out in two columns under a title; what is too long for its column goes on below. */
function section(title: string, rows: readonly Row[]): string {
  const column = Math.min(38, Math.max(...rows.map(([left]) => left.length)) + 4);
  const lines = rows.map(([left, right]) => {
    const text = fold(right, " ".repeat(column));
    const start = `  ${left}`;
    return start.length + 2 <= column ? start + text.slice(start.length) : `${start}\n${text}`;
  });
  return `${title}\n${lines.join("\n")}\n`;
}

/** Breaks text between words so that lines fit the width, each after the indent. */
function fold(text: string, indent: string): string {
  const lines = [indent];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === indent) lines.splice(-1, 1, line + word);
    else if (line.length + 1 + word.length <= width) lines.splice(-1, 1, `${line} ${word}`);
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
