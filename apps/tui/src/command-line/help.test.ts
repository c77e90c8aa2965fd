import { expect, test } from "vitest";
import { commandWords } from "./commands.ts";
import { help } from "./help.ts";

test("the help of the program names every command and every flag of -p", () => {
  expect(help(undefined)).toMatchInlineSnapshot(`
    "bough: a coding agent whose whole state is git

    Usage
      bough ["<prompt>"] [flags]          Open the screen: a tab for each branch, the first one with
                                          this prompt
      bough -p "<prompt>" [flags]         Run one turn on a branch of its own and print the answer;
                                          piped input is added to the prompt
      bough --plain ["<prompt>"] [flags]  Work with agents a line at a time, without drawing; piped in,
                                          each line is a prompt or a /command
      bough <command> [flags]             See below; \`bough <command> --help\` tells more

    Commands
      log [<rev>]           Turns and steps as a graph: branch, turn, prompt, files, model, tokens, cost
      show <rev>            One step: what was said, what was run, the diff
      diff [<rev>] [<rev>]  What a session changed (by default the last), or a step, or between two
                            revisions
      why <file>[:<line>]   Which prompt, step and model wrote a line, through merges and landing
      sessions              Every session: branch, state, turns, cost, worktree, last prompt
      export [<branch>]     A session for others: a transcript to read, JSON to compute with, or a
                            bundle of its branch
      branch [<prompt>]     A fork of a session, from now or from an earlier moment; with a prompt it
                            also runs
      merge <branch>        A session's changes, or newer commits of your own branch, into another
                            session
      land [<branch>]       The agent's changes on your branch as one commit of yours, or as uncommitted
                            edits
      rewind [N|<rev>]      Back to before the Nth prompt, to a revision, or by turns: one turn unless
                            told; by a new step, so it can be undone
      init                  Have the model look at the repository and write an AGENTS.md for it, as an
                            uncommitted edit; nothing is run
      context               What a new session's model is told before you say anything, source by
                            source, with its tokens
      gc                    What is due goes: archived sessions, caches, worktrees that nobody needs;
                            asks before it drops work
      doctor                Whether all that bough needs is ready, and how to mend what is not; exit
                            code 42 when something is blocked
      tour                  See it work: a scripted model in a throwaway repository, without key or
                            network
      help [<command>]      This help, or that of a command

    Flags of bough and bough -p
      -p, --print                         Run one turn on this prompt, print the answer and end
      -m, --model <provider>/<id>         The model that answers, such as anthropic/claude-sonnet-4-5
      -r, --resume <branch|commit|session>
                                          Continue a session from its tip, or from any commit of it on a
                                          fork
      -c, --continue                      Continue the session of this repository that moved last
          --branch <name>                 Name the branch of the new session: bough/<name>
          --clean                         Start from HEAD, without your uncommitted changes
          --apply                         Leave the changes in your checkout as uncommitted edits (-p:
                                          when the turn ends well)
          --cwd <folder>                  Run as if started in this folder
          --tools A,B                     Give the model these tools only; "" gives it none
          --allowed-tools <rules>         Allow what these rules say: "Bash(npm run test:*),Network"
                                          [also --allowedTools]
          --disallowed-tools <rules>      Deny what these rules say, whatever else allows it [also
                                          --disallowedTools]
          --config <file>                 Read these settings after all others, or be the agent that
                                          this file says (JSON or YAML)
          --skills <folder>               Use the skills in this folder too, before those of the
                                          repository and your own
          --trust                         Trust the settings of this repository as they are now
          --system <text>                 Replace the system prompt [also --system-prompt]
          --append-system <text>          Add to the system prompt [also --append-system-prompt]
          --permission-mode default|acceptEdits|plan|dontAsk|bypassPermissions
                                          Whether the agent needs permission for what it runs [also
                                          --dangerously-skip-permissions]
          --max-turns N                   Stop after N replies of the model
          --max-cost USD                  Stop before it costs more US dollars [also --max-budget-usd]
          --max-time S                    Stop after S seconds
          --base-url URL                  Reach the provider at this address
          --output-format text|json|stream-json
                                          Print the answer, one JSON object at the end, or a line of
                                          JSON for each event
          --include-partial-messages      With stream-json, print replies piece by piece as they come
      -h, --help                          Print this help, or that of a command
      -v, --version                       Print the version
    "
  `);
});

test("the help of a command names its flags", () => {
  expect(help("log")).toMatchInlineSnapshot(`
    "bough log [<rev>] [flags]

      Turns and steps as a graph: branch, turn, prompt, files, model, tokens, cost

    Flags
          --cwd <folder>  Run as if started in this folder
          --all           Every session: the steps of each, or those that are archived too
      -n, --max-count N   The last N steps only
          --json          Print JSON
      -h, --help          Print this help, or that of a command
      -v, --version       Print the version
    "
  `);
});

test("no line of help is wider than 100 columns", () => {
  const lines = [undefined, ...commandWords].flatMap((topic) => help(topic).split("\n"));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
