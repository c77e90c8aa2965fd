import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseRule, type Settings } from "@bough/agent";
import { Repository } from "@bough/gitstate";
import type { InitCommand } from "../command-line/parse.ts";
import { type ExitCode, ExitError, exitCode } from "../exit-code.ts";
import type { Streams } from "../streams.ts";
import { openAgent, runPrompt } from "./print.ts";

/** Nothing is run, so nothing but what the model writes is brought to the checkout. */
const tools = ["Read", "Grep", "Find", "Ls", "Write", "Edit"];

/** `bough init`: has the model write an AGENTS.md for the repository, and leaves it in the checkout as an edit. */
export async function init(command: InitCommand, streams: Streams): Promise<ExitCode> {
  const { root } = await Repository.open(resolve(command.cwd));
  const file = join(root, "AGENTS.md");
  const isThere = await exists(file);
  if (isThere && !command.update) {
    throw new ExitError(exitCode.badInput, "There is an AGENTS.md already. To have it improved: bough init --update");
  }
  const prompt = isThere ? `${improving}\n\n${goodFile}` : `${writing}\n\n${goodFile}`;
  const start = { from: "checkout", clean: false, branch: undefined } as const;
  const run = { ...command, tools, prompt, apply: true };
  const ended = await runPrompt(run, streams, (options, settings) =>
    openAgent({ prompt: "init AGENTS.md", start }, { ...options, rules: allowingIt(settings) }, settings, streams),
  );
  if (ended === exitCode.done && !(await exists(file))) {
    throw new ExitError(
      exitCode.failed,
      "The model wrote no AGENTS.md. Its answer is above; try again, or another model.",
    );
  }
  return ended;
}

/** An edit of what steers agents is asked about, and who says `init` has answered. */
function allowingIt({ rules }: Settings): Settings["rules"] {
  const rule = parseRule("Edit(./AGENTS.md)");
  return { ...rules, allow: [...rules.allow, ...(rule === undefined ? [] : [rule])] };
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

const writing =
  "Write an AGENTS.md at the root of this repository: what a coding agent has to know to work on it well.";
const improving =
  "Improve the AGENTS.md at the root of this repository: what a coding agent has to know to work on it well. Keep what is true and what the people here decided; mend what is out of date, add what is missing, drop what says nothing.";

const goodFile = `Look first: the README, the manifests and their scripts, the configuration of build, tests, linter and formatter, what CI runs, the layout of the folders, and a few typical sources and tests. Where there are instructions for other agents (CLAUDE.md, GEMINI.md, .cursorrules, .github/copilot-instructions.md), take over what is of use.

Then write, in Markdown, 20 to 60 lines:
- one or two sentences on what this is and how it is built;
- the commands, exactly as they are run: set up, build, test, one test alone, lint, format;
- where things are, as far as names do not say it;
- conventions that the code keeps to and a newcomer would break: style, naming, error handling, tests, commits;
- what not to touch, and what is easily got wrong.

Only what you saw in the files: invent no command and no rule, and leave out what holds for every project, and secrets. Change no other file. You cannot run commands here. End with one sentence on what you could not find out.`;
