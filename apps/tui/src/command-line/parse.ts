import { UsageError } from "../exit-code.ts";
import { type Arguments, flagValue, readArguments } from "./arguments.ts";
import { type CommandName, type CommandWord, commands, commandWord, commandWords } from "./commands.ts";
import { type Flag, flags } from "./flags.ts";
import { nearest } from "./nearest.ts";

/** What the command line asks for; every value in it is read and checked. */
export type CommandLine =
  | OpenCommand
  | PrintCommand
  | PlainCommand
  | LogCommand
  | ShowCommand
  | DiffCommand
  | WhyCommand
  | SessionsCommand
  | ExportCommand
  | BranchCommand
  | MergeCommand
  | LandCommand
  | RewindCommand
  | InitCommand
  | ContextCommand
  | GcCommand
  | DoctorCommand
  | { readonly command: "tour" }
  | { readonly command: "help"; readonly topic: CommandWord | undefined }
  | { readonly command: "version" };

export type OpenCommand = Readonly<ReturnType<typeof openCommand>>;
export type PrintCommand = Readonly<ReturnType<typeof printCommand>>;
export type PlainCommand = Readonly<ReturnType<typeof plainCommand>>;
export type LogCommand = Readonly<ReturnType<typeof logCommand>>;
export type ShowCommand = Readonly<ReturnType<typeof showCommand>>;
export type DiffCommand = Readonly<ReturnType<typeof diffCommand>>;
export type WhyCommand = Readonly<ReturnType<typeof whyCommand>>;
export type SessionsCommand = Readonly<ReturnType<typeof sessionsCommand>>;
export type ExportCommand = Readonly<ReturnType<typeof exportCommand>>;
export type BranchCommand = Readonly<ReturnType<typeof branchCommand>>;
export type MergeCommand = Readonly<ReturnType<typeof mergeCommand>>;
export type LandCommand = Readonly<ReturnType<typeof landCommand>>;
export type RewindCommand = Readonly<ReturnType<typeof rewindCommand>>;
export type InitCommand = Readonly<ReturnType<typeof initCommand>>;
export type ContextCommand = Readonly<ReturnType<typeof contextCommand>>;
export type GcCommand = Readonly<ReturnType<typeof gcCommand>>;
export type DoctorCommand = Readonly<ReturnType<typeof doctorCommand>>;

/** Where a turn starts from. */
export type StartingPoint =
  | { readonly from: "checkout"; readonly clean: boolean; readonly branch: string | undefined }
  | { readonly from: "revision"; readonly revision: string }
  | { readonly from: "latest" };

/** Reads the arguments behind `bough`; throws a `UsageError` that says what is known where they ask for more. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const args = readArguments(argv);
  if (args.flags.has(flags.version)) return { command: "version" };
  if (args.word === "help") return { command: "help", topic: topic(args.operands.slice(1)) };
  if (args.flags.has(flags.help)) {
    return { command: "help", topic: topic(args.word === undefined ? [] : [args.word]) };
  }
  const word = args.word === undefined ? undefined : commandWord(args.word);
  if (word !== undefined) return wordCommand(word, args);
  if (args.flags.has(flags.print)) return printCommand(args);
  if (args.flags.has(flags.plain)) return plainCommand(args);
  if (args.operands.length > 1 || !isPrompt(args)) throw unknownCommand(args.operands);
  return openCommand(args);
}

/** One word may be a command that was misspelt, and a session costs something. */
function isPrompt({ word = "a prompt" }: Arguments): boolean {
  return /\s/.test(word.trim());
}

function wordCommand(word: CommandWord, args: Arguments): CommandLine {
  switch (word) {
    case "log":
      return logCommand(args);
    case "show":
      return showCommand(args);
    case "diff":
      return diffCommand(args);
    case "why":
      return whyCommand(args);
    case "sessions":
      return sessionsCommand(args);
    case "export":
      return exportCommand(args);
    case "branch":
      return branchCommand(args);
    case "merge":
      return mergeCommand(args);
    case "land":
      return landCommand(args);
    case "rewind":
      return rewindCommand(args);
    case "init":
      return initCommand(args);
    case "context":
      return contextCommand(args);
    case "gc":
      return gcCommand(args);
    case "doctor":
      return doctorCommand(args);
    case "tour":
      operandsOf("tour", args);
      return { command: "tour" };
    default:
      return word satisfies never;
  }
}

function openCommand(args: Arguments) {
  const stray = [...args.flags.keys()].find((flag) => !flag.commands.includes("open"));
  if (stray !== undefined) throw new UsageError(`--${stray.name} needs ${asker(stray)}`);
  const [prompt] = operandsOf("open", args);
  checkTogether(args);
  return {
    command: "open" as const,
    /** What the first tab starts with. */
    prompt,
    start: startingPoint(args),
    ...agentOptions(args),
  };
}

function printCommand(args: Arguments) {
  if (args.operands.length > 1) {
    throw new UsageError(`The prompt is more than one argument. Put it in quotes: ${promptCommand(args.operands)}`);
  }
  const [prompt] = operandsOf("print", args);
  checkTogether(args);
  return {
    command: "print" as const,
    /** Without one the prompt is all of standard input. */
    prompt,
    start: startingPoint(args),
    apply: args.flags.has(flags.apply),
    ...runOptions(args),
  };
}

function plainCommand(args: Arguments) {
  if (args.operands.length > 1) {
    throw new UsageError(`The prompt is more than one argument. Put it in quotes: bough --plain "<prompt>"`);
  }
  const [prompt] = operandsOf("plain", args);
  checkTogether(args);
  return { command: "plain" as const, prompt, start: startingPoint(args), ...agentOptions(args) };
}

/** How a turn is run and told of, whichever command runs it. */
function runOptions(args: Arguments) {
  return {
    ...agentOptions(args),
    outputFormat: flagValue(args, flags.outputFormat) ?? "text",
    includePartialMessages: args.flags.has(flags.includePartialMessages),
  };
}

/** How an agent works. */
function agentOptions(args: Arguments) {
  return {
    cwd: flagValue(args, flags.cwd) ?? ".",
    model: flagValue(args, flags.model),
    baseUrl: flagValue(args, flags.baseUrl),
    tools: flagValue(args, flags.tools),
    allowedTools: flagValue(args, flags.allowedTools),
    disallowedTools: flagValue(args, flags.disallowedTools),
    config: flagValue(args, flags.config),
    skills: flagValue(args, flags.skills),
    trust: args.flags.has(flags.trust),
    system: flagValue(args, flags.system),
    appendSystem: flagValue(args, flags.appendSystem),
    permissionMode: flagValue(args, flags.permissionMode),
    maxTurns: flagValue(args, flags.maxTurns),
    maxCost: flagValue(args, flags.maxCost),
    maxTime: flagValue(args, flags.maxTime),
  };
}

function startingPoint(args: Arguments): StartingPoint {
  const revision = flagValue(args, flags.resume);
  if (revision !== undefined) return { from: "revision", revision };
  if (args.flags.has(flags.continue)) return { from: "latest" };
  return { from: "checkout", clean: args.flags.has(flags.clean), branch: flagValue(args, flags.branch) };
}

function logCommand(args: Arguments) {
  const [revision] = operandsOf("log", args);
  const all = args.flags.has(flags.all);
  if (all && revision !== undefined) {
    throw new UsageError(`\`bough log\` takes --all or a revision ("${revision}"), not both.`);
  }
  return {
    command: "log" as const,
    revision,
    all,
    maxCount: flagValue(args, flags.maxCount),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function showCommand(args: Arguments) {
  const [revision] = operandsOf("show", args);
  if (revision === undefined) throw new UsageError("`bough show` needs a revision: bough show <rev>");
  return {
    command: "show" as const,
    revision,
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function diffCommand(args: Arguments) {
  const revisions = operandsOf("diff", args);
  const layouts = [flags.stat, flags.sideBySide, flags.json].filter((flag) => args.flags.has(flag));
  if (layouts.length > 1) {
    const names = layouts.map(({ name }) => `--${name}`).join(" and ");
    throw new UsageError(`${names} do not go together: each says how the difference is shown.`);
  }
  return { command: "diff" as const, revisions, layout: layouts[0]?.name, cwd: flagValue(args, flags.cwd) ?? "." };
}

function whyCommand(args: Arguments) {
  const [place] = operandsOf("why", args);
  if (place === undefined) throw new UsageError("`bough why` needs a file: bough why <file>[:<line>]");
  return {
    command: "why" as const,
    /** A file, with or without a line: only where the file is can tell, as a name may end like that. */
    place,
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function sessionsCommand(args: Arguments) {
  operandsOf("sessions", args);
  return {
    command: "sessions" as const,
    all: args.flags.has(flags.all),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function exportCommand(args: Arguments) {
  const [branch] = operandsOf("export", args);
  return {
    command: "export" as const,
    branch,
    format: flagValue(args, flags.format) ?? "md",
    output: flagValue(args, flags.output),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function branchCommand(args: Arguments) {
  const [prompt] = operandsOf("branch", args);
  checkTogether(args);
  const rev = flagValue(args, flags.rev);
  const isCount = rev !== undefined && isPromptNumber(rev);
  return {
    command: "branch" as const,
    prompt,
    from: flagValue(args, flags.from),
    /** The prompt before which it forks, or the revision after which. */
    before: isCount ? Number(rev) : undefined,
    after: isCount ? undefined : rev,
    name: flagValue(args, flags.name),
    json: args.flags.has(flags.json),
    ...runOptions(args),
  };
}

function mergeCommand(args: Arguments) {
  const [branch] = operandsOf("merge", args);
  if (branch === undefined) throw new UsageError("`bough merge` needs what to merge: bough merge <branch>");
  return {
    command: "merge" as const,
    branch,
    into: flagValue(args, flags.into),
    preview: args.flags.has(flags.preview),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function landCommand(args: Arguments) {
  const [branch] = operandsOf("land", args);
  checkTogether(args);
  return {
    command: "land" as const,
    /** Without one, that of the session that moved last. */
    branch,
    mode: args.flags.has(flags.apply) ? ("apply" as const) : ("squash" as const),
    onto: flagValue(args, flags.onto),
    preview: args.flags.has(flags.preview),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function rewindCommand(args: Arguments) {
  const [rev] = operandsOf("rewind", args);
  const turns = flagValue(args, flags.turns);
  if (rev !== undefined && turns !== undefined) {
    throw new UsageError(`\`bough rewind\` takes --turns or a moment ("${rev}"), not both.`);
  }
  const [files, chat] = [args.flags.has(flags.files), args.flags.has(flags.chat)];
  return {
    command: "rewind" as const,
    target: rev === undefined ? { turns: turns ?? 1 } : momentOf(rev),
    only: files === chat ? undefined : files ? ("files" as const) : ("chat" as const),
    branch: flagValue(args, flags.in),
    preview: args.flags.has(flags.preview),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function initCommand(args: Arguments) {
  operandsOf("init", args);
  return { command: "init" as const, update: args.flags.has(flags.update), ...runOptions(args) };
}

function contextCommand(args: Arguments) {
  operandsOf("context", args);
  return {
    command: "context" as const,
    tools: flagValue(args, flags.tools),
    config: flagValue(args, flags.config),
    skills: flagValue(args, flags.skills),
    system: flagValue(args, flags.system),
    appendSystem: flagValue(args, flags.appendSystem),
    permissionMode: flagValue(args, flags.permissionMode),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function gcCommand(args: Arguments) {
  operandsOf("gc", args);
  return {
    command: "gc" as const,
    /** Milliseconds. */
    olderThan: flagValue(args, flags.olderThan),
    dryRun: args.flags.has(flags.dryRun),
    yes: args.flags.has(flags.yes),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

function doctorCommand(args: Arguments) {
  operandsOf("doctor", args);
  return {
    command: "doctor" as const,
    live: args.flags.has(flags.live),
    model: flagValue(args, flags.model),
    baseUrl: flagValue(args, flags.baseUrl),
    json: args.flags.has(flags.json),
    cwd: flagValue(args, flags.cwd) ?? ".",
  };
}

/** Where a session goes back to: before a prompt, or after a revision. */
function momentOf(rev: string): { readonly before: number } | { readonly after: string } {
  return isPromptNumber(rev) ? { before: Number(rev) } : { after: rev };
}

/** A small number counts prompts; anything else is a revision. */
function isPromptNumber(rev: string): boolean {
  return /^[1-9]\d{0,5}$/.test(rev);
}

/** Returns the operands of a command, whose name is not one; refuses flags and operands that it does not take. */
function operandsOf(command: CommandName, args: Arguments): readonly string[] {
  const { synopsis, operands: allowed } = commands[command];
  const operands = hasWord(command) ? args.operands.slice(1) : args.operands;
  const stray = [...args.flags.keys()].find((flag) => !flag.commands.includes(command));
  if (stray !== undefined) {
    throw new UsageError(
      `\`bough ${synopsis}\` takes no --${stray.name}; \`bough ${commandHelp(command)}\` lists what it takes.`,
    );
  }
  const extra = operands[allowed];
  if (extra !== undefined) throw new UsageError(`\`bough ${synopsis}\` does not take "${extra}".`);
  return operands;
}

/** Flags that do not go together, and why. */
const conflicts = [
  [flags.resume, flags.continue, "each says which session to continue"],
  [flags.branch, flags.resume, "--branch names a new session"],
  [flags.branch, flags.continue, "--branch names a new session"],
  [flags.clean, flags.resume, "--clean is about how a new session starts"],
  [flags.clean, flags.continue, "--clean is about how a new session starts"],
  [flags.squash, flags.apply, "one makes a commit, the other uncommitted edits"],
  [flags.apply, flags.onto, "uncommitted edits go into the files that are checked out"],
] as const satisfies readonly (readonly [Flag, Flag, string])[];

function checkTogether(args: Arguments): void {
  for (const [one, other, why] of conflicts) {
    if (args.flags.has(one) && args.flags.has(other)) {
      throw new UsageError(`--${one.name} and --${other.name} do not go together: ${why}.`);
    }
  }
  if (args.flags.has(flags.includePartialMessages) && flagValue(args, flags.outputFormat) !== "stream-json") {
    throw new UsageError("--include-partial-messages needs --output-format stream-json.");
  }
}

function topic(words: readonly string[]): CommandWord | undefined {
  const [word, ...more] = words;
  if (word === undefined || word === "help") return undefined;
  const found = commandWord(word);
  if (found === undefined) throw new UsageError(`Unknown command "${word}".${suggestion(word)}`);
  if (more[0] !== undefined) throw new UsageError(`\`bough help\` takes one command, not "${more[0]}" as well.`);
  return found;
}

function unknownCommand(operands: readonly string[]): UsageError {
  const [word = ""] = operands;
  return new UsageError(
    `Unknown command "${word}".${suggestion(word)}\nTo give the agent a prompt: ${promptCommand(operands)}`,
  );
}

function suggestion(word: string): string {
  const near = nearest(word, [...commandWords, "help"]);
  return near === undefined ? ` The commands are ${[...commandWords, "help"].join(", ")}.` : ` Did you mean ${near}?`;
}

/** The command line that sends the words as a prompt; only how it goes when they are long. */
function promptCommand(words: readonly string[]): string {
  const prompt = words.join(" ");
  const short = prompt.length <= 60 && !/[\p{Cc}']/u.test(prompt);
  return short ? `bough -p '${prompt}'` : 'bough -p "<prompt>"';
}

function asker(flag: Flag): string {
  return flag.commands.includes("print")
    ? 'a prompt: bough -p "<prompt>"'
    : `a command: bough ${flag.commands.join("|")}`;
}

function commandHelp(command: CommandName): string {
  return hasWord(command) ? `${command} --help` : "--help";
}

/** Whether a command is asked for by its name. */
function hasWord(command: CommandName): boolean {
  return commandWord(command) !== undefined;
}
