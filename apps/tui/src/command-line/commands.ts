/** A command of the program: how it is called, what it does, and how many operands it takes. */
export interface Command {
  /** What follows `bough`. */
  readonly synopsis: string;
  readonly help: string;
  readonly operands: number;
}

/** The commands. Parsing, `--help` and the README's table are derived from this. */
export const commands = {
  open: {
    synopsis: '["<prompt>"]',
    help: "Open the screen: a tab for each branch, the first one with this prompt",
    operands: 1,
  },
  print: {
    synopsis: '-p "<prompt>"',
    help: "Run one turn on a branch of its own and print the answer; piped input is added to the prompt",
    operands: 1,
  },
  plain: {
    synopsis: '--plain ["<prompt>"]',
    help: "Work with agents a line at a time, without drawing; piped in, each line is a prompt or a /command",
    operands: 1,
  },
  log: {
    synopsis: "log [<rev>]",
    help: "Turns and steps as a graph: branch, turn, prompt, files, model, tokens, cost",
    operands: 1,
  },
  show: {
    synopsis: "show <rev>",
    help: "One step: what was said, what was run, the diff",
    operands: 1,
  },
  diff: {
    synopsis: "diff [<rev>] [<rev>]",
    help: "What a session changed (by default the last), or a step, or between two revisions",
    operands: 2,
  },
  why: {
    synopsis: "why <file>[:<line>]",
    help: "Which prompt, step and model wrote a line, through merges and landing",
    operands: 1,
  },
  sessions: {
    synopsis: "sessions",
    help: "Every session: branch, state, turns, cost, worktree, last prompt",
    operands: 0,
  },
  export: {
    synopsis: "export [<branch>]",
    help: "A session for others: a transcript to read, JSON to compute with, or a bundle of its branch",
    operands: 1,
  },
  branch: {
    synopsis: "branch [<prompt>]",
    help: "A fork of a session, from now or from an earlier moment; with a prompt it also runs",
    operands: 1,
  },
  merge: {
    synopsis: "merge <branch>",
    help: "A session's changes, or newer commits of your own branch, into another session",
    operands: 1,
  },
  land: {
    synopsis: "land [<branch>]",
    help: "The agent's changes on your branch as one commit of yours, or as uncommitted edits",
    operands: 1,
  },
  rewind: {
    synopsis: "rewind [N|<rev>]",
    help: "Back to before the Nth prompt, to a revision, or by turns: one turn unless told; by a new step, so it can be undone",
    operands: 1,
  },
  init: {
    synopsis: "init",
    help: "Have the model look at the repository and write an AGENTS.md for it, as an uncommitted edit; nothing is run",
    operands: 0,
  },
  context: {
    synopsis: "context",
    help: "What a new session's model is told before you say anything, source by source, with its tokens",
    operands: 0,
  },
  gc: {
    synopsis: "gc",
    help: "What is due goes: archived sessions, caches, worktrees that nobody needs; asks before it drops work",
    operands: 0,
  },
  doctor: {
    synopsis: "doctor",
    help: "Whether all that bough needs is ready, and how to mend what is not; exit code 42 when something is blocked",
    operands: 0,
  },
  tour: {
    synopsis: "tour",
    help: "See it work: a scripted model in a throwaway repository, without key or network",
    operands: 0,
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** The commands that are words on the command line; without one it is `open`, and with a flag `print` or `plain`. */
export const commandWords = [
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
  "tour",
] as const satisfies readonly CommandName[];

export type CommandWord = (typeof commandWords)[number];

/** Finds the command that a word asks for. */
export function commandWord(word: string): CommandWord | undefined {
  return commandWords.find((candidate) => candidate === word);
}
