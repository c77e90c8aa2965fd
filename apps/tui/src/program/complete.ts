import { rankFuzzy } from "./fuzzy.ts";
import type { Completes, SlashCommand } from "./slash/command.ts";

/** What a piece of the text that is typed can become; places are in UTF-16 units. */
export interface Candidate {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** What it is, in a few words. */
  readonly detail?: string;
}

/** Where candidates come from; each is only asked for when something of the kind is typed. */
export interface CompletionSources {
  readonly commands: readonly SlashCommand[];
  values(kind: Exclude<Completes, "command">): Promise<readonly string[]>;
}

const MOST = 50;

/** Finds what the word before the cursor can become, the likeliest first: a command, its argument, or a file behind an @. */
export async function complete(
  text: string,
  cursor: number,
  sources: CompletionSources,
): Promise<readonly Candidate[]> {
  const before = text.slice(0, cursor);
  const from = before.search(/\S*$/);
  const word = before.slice(from);
  const place = { from, to: cursor };
  if (from === 0 && word.startsWith("/"))
    return commandCandidates(word.slice(1), sources.commands, { from: 1, to: cursor });
  if (word.startsWith("@")) return ranked(word.slice(1), await sources.values("file"), place, "@");
  const name = /^\/(\S+)\s/.exec(before)?.[1];
  const command = sources.commands.find((candidate) => candidate.name === name);
  return command === undefined ? [] : argumentCandidates(command, word, place, sources);
}

type Place = Pick<Candidate, "from" | "to">;

function commandCandidates(word: string, commands: readonly SlashCommand[], place: Place): Candidate[] {
  const begun = commands.filter(({ name }) => name.startsWith(word));
  const names = begun.map(({ name }) => name);
  const others = rankFuzzy(
    word,
    commands.map(({ name }) => name).filter((name) => !names.includes(name)),
    MOST,
  );
  return [...names, ...others].map((name) => {
    const command = commands.find((candidate) => candidate.name === name);
    return { ...place, text: command?.synopsis === "" ? name : `${name} `, detail: command?.help ?? "" };
  });
}

async function argumentCandidates(
  { synopsis, completes }: SlashCommand,
  word: string,
  place: Place,
  sources: CompletionSources,
): Promise<readonly Candidate[]> {
  if (word.startsWith("-")) {
    const flags = synopsis.match(/--[a-z][a-z-]*/g) ?? [];
    return flags.filter((flag) => flag.startsWith(word)).map((flag) => ({ ...place, text: flag }));
  }
  if (completes === undefined) return [];
  if (completes !== "command") return ranked(word, await sources.values(completes), place);
  return commandCandidates(word, sources.commands, place).map((candidate) => ({
    ...candidate,
    text: candidate.text.trimEnd(),
  }));
}

function ranked(word: string, values: readonly string[], place: Place, prefix = ""): Candidate[] {
  return rankFuzzy(word, values, MOST).map((value) => ({ ...place, text: `${prefix}${value}` }));
}
