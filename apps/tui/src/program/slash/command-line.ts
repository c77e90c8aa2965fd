import { type CommandLine, parseCommandLine } from "../../command-line/parse.ts";
import { UsageError } from "../../exit-code.ts";
import type { SlashCall } from "./command.ts";

type Name = Exclude<CommandLine["command"], "help" | "version" | "welcome">;

/** Reads what follows a slash command as the command line of the same name; only flags of its synopsis are taken. */
export function readCommandLine<Wanted extends Name>(
  { command, words }: Pick<SlashCall, "command" | "words">,
  name: Wanted,
): Extract<CommandLine, { command: Wanted }> {
  const known = flagsIn(command.synopsis);
  const end = words.indexOf("--");
  const stray = words
    .slice(0, end === -1 ? undefined : end)
    .find((word) => /^--?[a-z]/i.test(word) && !known.includes(word.replace(/=.*/s, "")));
  if (stray !== undefined) throw new UsageError(`/${command.name} takes no ${stray}.`);
  const parsed = parseCommandLine([name, ...words]);
  if (!isCommand(parsed, name)) throw new UsageError(`/${command.name} does not take that.`);
  return parsed;
}

function flagsIn(synopsis: string): readonly string[] {
  return synopsis.match(/(?<![\w<])--?[a-z][a-z-]*/g) ?? [];
}

function isCommand<Wanted extends Name>(
  line: CommandLine,
  name: Wanted,
): line is Extract<CommandLine, { command: Wanted }> {
  return line.command === name;
}
