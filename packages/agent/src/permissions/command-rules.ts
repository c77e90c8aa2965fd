import { posix } from "node:path";
import { actingOption } from "./acting-options.ts";
import { commandPattern } from "./command-pattern.ts";
import { mayRun } from "./may-run.ts";
import { nestedCommands, programName } from "./nested-commands.ts";
import { type CommandReading, readCommand, type SimpleCommand } from "./read-command.ts";
import type { Rule } from "./rule.ts";
import { fixedText, type ShellWord } from "./shell-word.ts";

/** What a shell command turns out to be, as far as rules need it. */
export interface CommandAnalysis {
  readonly text: string;
  readonly top: readonly SimpleCommand[];
  /** Those of `top` and all that these run in turn. */
  readonly all: readonly SimpleCommand[];
  /** Why more may run than `all`; undefined when nothing else can. */
  readonly unclear: string | undefined;
}

/** A rule that a call met, and what is to be said of it. */
export interface Match {
  readonly rule: string;
  readonly isSure: boolean;
}

/** Commands within commands are followed this deep. */
const DEPTH = 12;
/** A command line longer than this is nobody's to look over. */
const LENGTH = 20_000;

/** Reads a shell command and the commands that it runs in turn. */
export function analyzeCommand(text: string): CommandAnalysis {
  if (text.length > LENGTH) return { text, top: [], all: [], unclear: `it is longer than ${LENGTH} characters` };
  const { commands, unclear } = readCommand(text);
  const all = [...commands];
  let why = unclear;
  let layer: readonly SimpleCommand[] = commands;
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth === DEPTH) why ??= "its commands run one another too deep";
    if (depth === DEPTH) break;
    const nested: CommandReading[] = layer.flatMap((command) => nestedCommands(command) ?? []);
    why ??= nested.find((each) => each.unclear !== undefined)?.unclear ?? dangerousVariable(layer);
    layer = nested.flatMap((each) => each.commands);
    all.push(...layer);
  }
  return { text, top: commands, all, unclear: why };
}

/** Finds a rule that forbids, or asks about, what a command runs; one that only may be meant is not sure. */
export function matchingRule(command: CommandAnalysis, rules: readonly Rule[]): Match | undefined {
  let unsure: Match | undefined;
  for (const { text, specifier } of rules) {
    if (specifier === undefined || specifier === command.text.trim()) return { rule: text, isSure: true };
    const pattern = commandPattern(specifier);
    const meanings = command.all.filter(({ words }) => words.length > 0).map(({ words }) => pattern.means(words));
    if (meanings.includes("yes")) return { rule: text, isSure: true };
    const mayMean = meanings.includes("maybe") || command.unclear !== undefined;
    if (mayMean || command.all.some((each) => mayRun(each, programOf(specifier)))) {
      unsure ??= { rule: text, isSure: false };
    }
  }
  return unsure;
}

/** The program that a rule is about. */
function programOf(specifier: string): string {
  return programName({ type: "fixed", text: /^[^\s:*]*/.exec(specifier)?.[0] ?? "" }) ?? "";
}

/** Says why rules do not allow a command as a whole; undefined when they do. */
export function whyNotAllowed(command: CommandAnalysis, rules: readonly Rule[]): string | undefined {
  if (rules.some(({ specifier }) => specifier === undefined || specifier === command.text.trim())) return undefined;
  if (command.unclear !== undefined) return command.unclear;
  const patterns = rules.map(({ specifier = "" }) => commandPattern(specifier));
  const covers = ({ words }: SimpleCommand) => patterns.some((pattern) => pattern.covers(words));
  const runsGit = command.all.some(({ words }) => programName(words[0]) === "git");
  const judge = (each: SimpleCommand): string | undefined => {
    if (each.writes.length > 0) return "it writes to a file";
    const variable = each.sets.find((name) => !isHarmless(name));
    if (variable !== undefined) return `it sets ${variable}`;
    if (each.words.length === 0 || isNeutral(each, runsGit)) return undefined;
    const nested = nestedCommands(each);
    if (nested !== undefined) {
      if (!nested.isTransparent && !covers(each)) return `no rule allows ${name(each)}`;
      return (
        nested.commands.map(judge).find((why) => why !== undefined) ??
        (nested.isTransparent ? undefined : actingOption(each))
      );
    }
    return covers(each) ? actingOption(each) : `no rule allows ${name(each)}`;
  };
  return command.top.map(judge).find((why) => why !== undefined);
}

/** The files that a command may read or write, as far as they are written out: absolute, seen from a folder. */
export function namedFiles({ all }: CommandAnalysis, { cwd, home }: { cwd: string; home: string }): string[] {
  const words = all.flatMap((command) => [...command.words.slice(1), ...command.reads, ...command.writes]);
  const texts = words.flatMap((word) => {
    const text = fixedText(word);
    // An option's value may be one: `--file=.env`, `-f.env`, `if=.env`.
    return text === undefined ? [] : [text, text.replace(/^[^=]*=/, ""), text.replace(/^-[a-zA-Z]/, "")];
  });
  return [...new Set(texts.filter((text) => text !== "" && !text.includes("\0")))].map((text) =>
    posix.resolve(cwd, text.replace(/^~(?=\/|$)/, home)),
  );
}

/** Variables of a script's own, and those that only change how something is shown. */
function isHarmless(variable: string): boolean {
  return /^(?:(?!\w*_proxy$|npm_|pnpm_|yarn_|pip_|uv_|git_)[a-z][a-z0-9_]*|CI|DEBUG|NODE_ENV|FORCE_COLOR|NO_COLOR|CLICOLOR|LANG|LANGUAGE|LC_[A-Z]+|TZ|COLUMNS|LINES|RUST_BACKTRACE|RUST_LOG|PYTHONUNBUFFERED|GOOS|GOARCH)$/.test(
    variable,
  );
}

function dangerousVariable(commands: readonly SimpleCommand[]): string | undefined {
  const variable = commands.flatMap(({ sets }) => sets).find((name) => !isHarmless(name));
  return variable === undefined ? undefined : `${variable} can change what a program does`;
}

const SAYING = new Set([
  "true",
  "false",
  ":",
  "echo",
  "printf",
  "test",
  "[",
  "pwd",
  "exit",
  "return",
  "break",
  "continue",
]);

/** Whether a command needs no rule, because all it does is to say, to compare or to go to a folder of the worktree. */
export function isNeutral({ words }: SimpleCommand, runsGit: boolean): boolean {
  const program = fixedText(words[0]);
  if (program === undefined) return false;
  if (program === "cd") return !runsGit && words.length === 2 && isInside(words[1]);
  // printf can set a variable.
  return SAYING.has(program) && (program !== "printf" || /^[^-]/.test(fixedText(words[1]) ?? "-"));
}

/** Another folder may hold programs and settings of its own. */
function isInside(folder: ShellWord | undefined): boolean {
  const text = fixedText(folder);
  return text !== undefined && !/^[-/~]/.test(text) && !posix.normalize(text).startsWith("..");
}

function name({ words }: SimpleCommand): string {
  return fixedText(words[0]) ?? "a command whose name is not written out";
}
