import { type CommandName, commandWords } from "./commands.ts";
import { choice, count, duration, list, rules, seconds, text, usDollars, type Value, webAddress } from "./value.ts";

/** A flag of the command line; one without a value is on or off. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What other agents call it; an alias may stand for the flag with a certain value. */
  readonly aliases?: readonly { readonly name: string; readonly value?: string }[];
  readonly value?: Value<unknown>;
  readonly help: string;
  /** The commands that take it. */
  readonly commands: readonly CommandName[];
}

/** A flag that is followed by a value. */
export interface ValueFlag<T> extends Flag {
  readonly value: Value<T>;
}

const everyCommand: readonly CommandName[] = ["open", "print", "plain", ...commandWords];

/** The flags. Parsing, validation, `--help` and the README's table are derived from this. */
export const flags = {
  print: {
    name: "print",
    short: "p",
    help: "Run one turn on this prompt, print the answer and end",
    commands: ["print"],
  },
  plain: {
    name: "plain",
    aliases: [{ name: "bare" }],
    help: "A line at a time, without drawing: for screen readers, and for scripts of prompts",
    commands: ["plain"],
  },
  model: {
    name: "model",
    short: "m",
    value: text("<provider>/<id>"),
    help: "The model that answers, such as anthropic/claude-sonnet-4-5",
    commands: ["open", "print", "plain", "branch", "init", "doctor"],
  },
  resume: {
    name: "resume",
    short: "r",
    value: text("<branch|commit|session>"),
    help: "Continue a session from its tip, or from any commit of it on a fork",
    commands: ["open", "print", "plain"],
  },
  continue: {
    name: "continue",
    short: "c",
    help: "Continue the session of this repository that moved last",
    commands: ["open", "print", "plain"],
  },
  branch: {
    name: "branch",
    value: text("<name>"),
    help: "Name the branch of the new session: bough/<name>",
    commands: ["open", "print", "plain"],
  },
  clean: {
    name: "clean",
    help: "Start from HEAD, without your uncommitted changes",
    commands: ["open", "print", "plain"],
  },
  apply: {
    name: "apply",
    help: "Leave the changes in your checkout as uncommitted edits (-p: when the turn ends well)",
    commands: ["print", "land"],
  },
  cwd: {
    name: "cwd",
    value: text("<folder>"),
    help: "Run as if started in this folder",
    commands: [
      "open",
      "print",
      "plain",
      "log",
      "show",
      "diff",
      "why",
      "sessions",
      "export",
      "branch",
      "merge",
      "land",
      "rewind",
      "init",
      "context",
      "gc",
      "doctor",
    ],
  },
  tools: {
    name: "tools",
    value: list("A,B"),
    help: 'Give the model these tools only; "" gives it none',
    commands: ["open", "print", "plain", "branch", "context"],
  },
  allowedTools: {
    name: "allowed-tools",
    aliases: [{ name: "allowedTools" }],
    value: rules,
    help: 'Allow what these rules say: "Bash(npm run test:*),Network"',
    commands: ["open", "print", "plain", "branch"],
  },
  disallowedTools: {
    name: "disallowed-tools",
    aliases: [{ name: "disallowedTools" }],
    value: rules,
    help: "Deny what these rules say, whatever else allows it",
    commands: ["open", "print", "plain", "branch"],
  },
  config: {
    name: "config",
    value: text("<file>"),
    help: "Read these settings after all others, or be the agent that this file says (JSON or YAML)",
    commands: ["open", "print", "plain", "branch", "init", "context"],
  },
  skills: {
    name: "skills",
    value: text("<folder>"),
    help: "Use the skills in this folder too, before those of the repository and your own",
    commands: ["open", "print", "plain", "branch", "context"],
  },
  trust: {
    name: "trust",
    help: "Trust the settings of this repository as they are now",
    commands: ["open", "print", "plain", "branch", "init"],
  },
  system: {
    name: "system",
    aliases: [{ name: "system-prompt" }],
    value: text("<text>"),
    help: "Replace the system prompt",
    commands: ["open", "print", "plain", "branch", "context"],
  },
  appendSystem: {
    name: "append-system",
    aliases: [{ name: "append-system-prompt" }],
    value: text("<text>"),
    help: "Add to the system prompt",
    commands: ["open", "print", "plain", "branch", "context"],
  },
  permissionMode: {
    name: "permission-mode",
    aliases: [{ name: "dangerously-skip-permissions", value: "bypassPermissions" }],
    value: choice("default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"),
    help: "Whether the agent needs permission for what it runs",
    commands: ["open", "print", "plain", "branch", "init", "context"],
  },
  maxTurns: {
    name: "max-turns",
    value: count,
    help: "Stop after N replies of the model",
    commands: ["open", "print", "plain", "branch", "init"],
  },
  maxCost: {
    name: "max-cost",
    aliases: [{ name: "max-budget-usd" }],
    value: usDollars,
    help: "Stop before it costs more US dollars",
    commands: ["open", "print", "plain", "branch", "init"],
  },
  maxTime: {
    name: "max-time",
    value: seconds,
    help: "Stop after S seconds",
    commands: ["open", "print", "plain", "branch", "init"],
  },
  baseUrl: {
    name: "base-url",
    value: webAddress,
    help: "Reach the provider at this address",
    commands: ["open", "print", "plain", "branch", "init", "doctor"],
  },
  outputFormat: {
    name: "output-format",
    value: choice("text", "json", "stream-json"),
    help: "Print the answer, one JSON object at the end, or a line of JSON for each event",
    commands: ["print", "branch", "init"],
  },
  includePartialMessages: {
    name: "include-partial-messages",
    help: "With stream-json, print replies piece by piece as they come",
    commands: ["print"],
  },
  all: {
    name: "all",
    help: "Every session: the steps of each, or those that are archived too",
    commands: ["log", "sessions"],
  },
  maxCount: {
    name: "max-count",
    short: "n",
    value: count,
    help: "The last N steps only",
    commands: ["log"],
  },
  stat: {
    name: "stat",
    help: "The files only, with how many of their lines changed",
    commands: ["diff"],
  },
  sideBySide: {
    name: "side-by-side",
    help: "What was on the left, what is on the right",
    commands: ["diff"],
  },
  format: {
    name: "format",
    value: choice("md", "json", "bundle"),
    help: "Markdown (the default), the whole conversation as JSON, or a git bundle to fetch from",
    commands: ["export"],
  },
  output: {
    name: "output",
    short: "o",
    value: text("<file>"),
    help: "Write to this file instead of standard output",
    commands: ["export"],
  },
  from: {
    name: "from",
    value: text("<branch|commit>"),
    help: "The session to fork, instead of the one that moved last",
    commands: ["branch"],
  },
  rev: {
    name: "rev",
    value: text("N|<rev>"),
    help: "Fork it from before its Nth prompt, or after a revision; from now unless given",
    commands: ["branch"],
  },
  name: {
    name: "name",
    value: text("<name>"),
    help: "Name the fork: bough/<name>",
    commands: ["branch"],
  },
  squash: {
    name: "squash",
    help: "Make one commit of the changes, by your own git commit (the default)",
    commands: ["land"],
  },
  onto: {
    name: "onto",
    value: text("<branch>"),
    help: "Commit to this branch instead of the one that is checked out; your files stay as they are",
    commands: ["land"],
  },
  into: {
    name: "into",
    value: text("<branch>"),
    help: "The session it goes into, instead of the one that moved last",
    commands: ["merge"],
  },
  turns: {
    name: "turns",
    value: count,
    help: "Go back by the last N turns",
    commands: ["rewind"],
  },
  files: {
    name: "files",
    help: "The files only; the conversation is told of it",
    commands: ["rewind"],
  },
  chat: {
    name: "chat",
    help: "The conversation only; the files stay as they are",
    commands: ["rewind"],
  },
  in: {
    name: "in",
    value: text("<branch>"),
    help: "The session to rewind, instead of the one that made the revision or moved last",
    commands: ["rewind"],
  },
  update: {
    name: "update",
    help: "Improve the AGENTS.md that is there",
    commands: ["init"],
  },
  preview: {
    name: "preview",
    help: "Say what would be done, and do nothing",
    commands: ["merge", "land", "rewind"],
  },
  olderThan: {
    name: "older-than",
    value: duration,
    help: "Archived sessions are due after this long, as in 12h, 30d (the default) or 8w",
    commands: ["gc"],
  },
  dryRun: {
    name: "dry-run",
    help: "Say what is due and why, and change nothing",
    commands: ["gc"],
  },
  yes: {
    name: "yes",
    help: "Drop also what holds work, without asking",
    commands: ["gc"],
  },
  live: {
    name: "live",
    help: "Ask the model one small thing, and say what comes back",
    commands: ["doctor"],
  },
  json: {
    name: "json",
    help: "Print JSON",
    commands: [
      "log",
      "show",
      "diff",
      "why",
      "sessions",
      "branch",
      "merge",
      "land",
      "rewind",
      "context",
      "gc",
      "doctor",
    ],
  },
  help: {
    name: "help",
    short: "h",
    help: "Print this help, or that of a command",
    commands: everyCommand,
  },
  version: {
    name: "version",
    short: "v",
    help: "Print the version",
    commands: everyCommand,
  },
} as const satisfies Record<string, Flag>;

/** Finds the flags that a command takes. */
export function flagsOf(command: CommandName): Flag[] {
  const all: Flag[] = Object.values(flags);
  return all.filter((flag) => flag.commands.includes(command));
}
