import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, type AgentEvent, type Turn } from "@bough/agent";
import { createRepository, Repository, readDiff } from "@bough/gitstate";
import { scriptedModel } from "@bough/models";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { exitCodeOfTurn } from "../failure.ts";
import { formatDiff } from "../history/format-diff.ts";
import { pageOf } from "../history/page.ts";
import { listenForInterruption } from "../interruption.ts";
import { Progress } from "../print/progress.ts";
import type { Streams } from "../streams.ts";
import { type Styles, styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { askedLine, files, fork, ownEdit, turns } from "../tour/script.ts";
import { land } from "./land.ts";
import { why } from "./why.ts";

/** `bough tour`: an agent on a scripted model builds something in a throwaway repository; all but the model is real. */
export async function tour(streams: Streams): Promise<ExitCode> {
  using interruption = listenForInterruption();
  const { stdout } = streams;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "bough-tour-")));
  const repository = join(folder, "titles");
  // Worktrees and caches go where the rest of the throwaway goes.
  process.env.XDG_STATE_HOME = join(folder, "state");
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  const look = styles(stdout);
  const tell = (...lines: string[]) => stdout.write(`${lines.join("\n")}\n`);
  try {
    await createRepository(repository, { files, message: "A place to start" });
    tell(
      look.bold("A tour of bough. The model plays a script; agent, tools, tests and git are real."),
      look.dim(`The repository is a throwaway: ${repository}`),
    );
    const stage: Stage = { streams, look, tell, repository, signal: interruption.signal };
    const worked = await showWork(stage);
    if (!("branches" in worked)) return interruption.exitCode ?? exitCodeOfTurn(worked);
    await showLinesOfWork(stage, worked.branches);
    await showLanding(stage, worked.branches.fork);
    tell(...howToGoOn(stdout.isTTY ? repository : undefined, look));
    return exitCode.done;
  } finally {
    // Somebody at a terminal may want to look around in it.
    if (!stdout.isTTY || interruption.exitCode !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Where the tour is shown, and what it is shown on. */
interface Stage {
  readonly streams: Streams;
  readonly look: Styles;
  readonly tell: (...lines: string[]) => void;
  readonly repository: string;
  readonly signal: AbortSignal;
}

/** The branch of the first agent, and of its fork. */
interface Branches {
  readonly first: string;
  readonly fork: string;
}

/** Runs the turns and the fork; what it resolves to is the turn that did not end well, if one did not. */
async function showWork(stage: Stage): Promise<{ branches: Branches } | Turn> {
  const { streams, look, tell, repository } = stage;
  const model = scriptedModel(
    [...turns, fork].flatMap(({ replies }) => replies),
    { name: "scripted/tour", delay: streams.stdout.isTTY ? 25 : 0 },
  );
  const first = await Agent.start({
    cwd: repository,
    model,
    topic: "slug",
    permissionMode: "bypassPermissions",
  });
  try {
    for (const { prompt } of turns) {
      tell("", look.bold(`> ${prompt}`));
      const turn = await runTurn(first, prompt, stage);
      if (turn.stop !== "done") return turn;
    }
    tell("", look.bold("That cuts words in two. Back to before that prompt, to ask for it otherwise:"));
    tell(look.accent(`$ bough branch --rev ${fork.before} "${fork.prompt}"`));
    const forked = await first.fork({ rev: fork.before });
    try {
      const turn = await runTurn(forked, fork.prompt, stage);
      if (turn.stop !== "done") return turn;
    } finally {
      await forked.close();
    }
    return { branches: { first: first.branch, fork: forked.branch } };
  } finally {
    await first.close();
  }
}

function runTurn(agent: Agent, prompt: string, { streams, look, signal }: Stage): Promise<Turn> {
  return agent.run(prompt, { signal, onEvent: showTurn(streams, look) });
}

/** What there is now: both ways of going on, as plain git has them, and what they differ in. */
async function showLinesOfWork({ streams, look, tell, repository }: Stage, branches: Branches): Promise<void> {
  const opened = await Repository.open(repository);
  const names = [branches.fork, branches.first];
  const { stdout } = await opened.git(["log", "--graph", "--format=%h %s", ...names]);
  tell(
    "",
    look.bold("Every step that changed a file is a commit, every turn ends with one. Plain git:"),
    look.accent(`$ git log --graph --oneline ${names.join(" ")}`),
    escapeForTerminal(stdout.toString().trimEnd()),
    "",
    look.bold("The two are branches, so they compare:"),
    look.accent(`$ bough diff ${branches.first} ${branches.fork}`),
  );
  const diff = await readDiff(opened, [branches.first, branches.fork]);
  streams.stdout.write(formatDiff(diff, pageOf(streams.stdout), undefined));
}

/** Lands the fork beside an edit of the person's own, and asks for the origin of a landed line. */
async function showLanding({ streams, look, tell, repository }: Stage, branch: string): Promise<void> {
  await writeFile(join(repository, ownEdit.file), ownEdit.text);
  tell(
    "",
    look.bold("Your checkout was left alone so far. Landing makes one commit there, and leaves"),
    look.bold(`what you are at as it is, such as an edit of ${ownEdit.file}:`),
    look.accent(`$ bough land ${branch}`),
  );
  const common = { json: false, cwd: repository };
  await land({ command: "land", branch, mode: "squash", onto: undefined, preview: false, ...common }, streams);
  const { stdout } = await (await Repository.open(repository)).git(["-C", repository, "status", "--short"]);
  tell(look.accent("$ git status --short"), escapeForTerminal(stdout.toString().trimEnd()));
  const text = await readFile(join(repository, askedLine.file), "utf8");
  const place = `${askedLine.file}:${text.split("\n").findIndex((line) => line.includes(askedLine.text)) + 1}`;
  tell("", look.bold("Each line still knows its prompt, its step and its model:"), look.accent(`$ bough why ${place}`));
  await why({ command: "why", place, ...common }, streams);
}

function showTurn({ stdout }: Pick<Streams, "stdout">, look: Styles): (event: AgentEvent) => void {
  const progress = new Progress(stdout);
  return (event) => {
    if (event.type === "step-reply" && event.calls.length === 0) stdout.write(`${escapeForTerminal(event.text)}\n`);
    else if (event.type === "tool-end" && event.name === "Bash") stdout.write(look.dim(testResults(event.text)));
    else progress.event(event);
  };
}

/** How each test went, from what a command printed. */
function testResults(text: string): string {
  // Below that the failures are told again, at length.
  const [told = ""] = escapeForTerminal(text).split("✖ failing tests:", 1);
  const lines = told.split("\n").filter((line) => /^(?:not ok|ok|✔|✖) /.test(line));
  return lines.map((line) => `    ${line.replace(/ \([\d.]+ms\)$/, "")}\n`).join("");
}

function howToGoOn(kept: string | undefined, look: Styles): string[] {
  return [
    "",
    look.bold("Now on a repository of yours, with a real model:"),
    `${look.accent("$ export ANTHROPIC_API_KEY=…")}      or OPENAI_API_KEY, GEMINI_API_KEY, …`,
    `${look.accent("$ bough")}                           the screen: a tab for each branch`,
    `${look.accent('$ bough -p "what does this project do?"')}`,
    "A model on your own machine: -m ollama/<id>, lmstudio/<id>, llamacpp/<id>.",
    ...(kept === undefined ? [] : ["", look.dim(`The tour's repository stays at ${kept} until you delete it.`)]),
  ];
}
