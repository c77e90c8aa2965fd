import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, type AgentEvent } from "@bough/agent";
import { createRepository, Repository } from "@bough/gitstate";
import { scriptedModel } from "@bough/models";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { exitCodeOfTurn } from "../failure.ts";
import { listenForInterruption } from "../interruption.ts";
import { Progress } from "../print/progress.ts";
import type { Streams } from "../streams.ts";
import { type Styles, styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { blamedLine, files, turns } from "../tour/script.ts";

/** `bough tour`: an agent on a scripted model builds something in a throwaway repository; all but the model is real. */
export async function tour({ stdout }: Streams): Promise<ExitCode> {
  using interruption = listenForInterruption();
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
      look.bold("A tour of bough. The model plays a script; the agent, its tools, the tests and git are real."),
      look.dim(`The repository is a throwaway: ${repository}`),
    );
    const model = scriptedModel(
      turns.flatMap(({ replies }) => replies),
      { name: "scripted/tour", delay: stdout.isTTY ? 25 : 0 },
    );
    const agent = await Agent.start({
      cwd: repository,
      model,
      topic: "slug function",
      permissionMode: "bypassPermissions",
    });
    try {
      for (const { prompt } of turns) {
        tell("", look.bold(`> ${prompt}`));
        const turn = await agent.run(prompt, { signal: interruption.signal, onEvent: showTurn({ stdout }, look) });
        if (turn.stop !== "done") return interruption.exitCode ?? exitCodeOfTurn(turn);
      }
    } finally {
      await agent.close();
    }
    tell(...(await showHistory(await Repository.open(repository), agent, look)));
    tell(...howToGoOn(stdout.isTTY ? repository : undefined, look));
    return exitCode.done;
  } finally {
    // Somebody at a terminal may want to look around in it.
    if (!stdout.isTTY || interruption.exitCode !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

function showTurn({ stdout }: Pick<Streams, "stdout">, look: Styles): (event: AgentEvent) => void {
  const progress = new Progress(stdout);
  return (event) => {
    if (event.type === "step-reply" && event.calls.length === 0) stdout.write(`${escapeForTerminal(event.text)}\n`);
    else if (event.type === "tool-end" && event.name === "Bash") stdout.write(look.dim(indentTail(event.text)));
    else progress.event(event);
  };
}

/** The end of what a command printed, which is where test runners say how it went. */
function indentTail(text: string): string {
  // Below that the failures are told again, at length.
  const [told = ""] = escapeForTerminal(text).split("✖ failing tests:", 1);
  const lines = told.split("\n").filter((line) => /^(?:not ok|# pass|# fail|✔|✖|ℹ (?:pass|fail))/.test(line));
  return lines.map((line) => `    ${line}\n`).join("");
}

async function showHistory(repository: Repository, agent: Agent, look: Styles): Promise<string[]> {
  const log = ["log", "--graph", "--format=%h %an%n  %s", agent.branch];
  const blame = await findBlame(repository, agent);
  return [
    "",
    look.bold("Every step that changed a file is a commit, every turn ends with one. This is plain git:"),
    look.accent(`$ git log --graph ${agent.branch}`),
    escapeForTerminal((await read(repository, log)).trimEnd()),
    "",
    look.bold(`Why is this line of ${blamedLine.file} there?`),
    look.accent(`$ git blame ${agent.branch} -- ${blamedLine.file}`),
    escapeForTerminal(blame.line),
    `That commit's message holds what was said. The step was ${escapeForTerminal(`"${blame.subject}"`)},`,
    `in answer to the prompt ${escapeForTerminal(`"${blame.prompt}"`)}`,
  ];
}

async function findBlame(repository: Repository, agent: Agent) {
  const output = await read(repository, ["blame", "--abbrev=8", agent.branch, "--", blamedLine.file]);
  const line = output.split("\n").find((candidate) => candidate.includes(blamedLine.text)) ?? "";
  const commit = line.split(" ", 1)[0] ?? "";
  const { entries } = await agent.transcript(commit);
  const prompt = entries
    .flatMap((entry) => (entry.type === "step" ? entry.blocks : []))
    .findLast(({ type }) => type === "user");
  const subject = await read(repository, ["log", "-1", "--format=%s", commit]);
  return { line, subject: subject.trim(), prompt: prompt?.text ?? "" };
}

async function read(repository: Repository, args: readonly string[]): Promise<string> {
  return (await repository.git(args)).stdout.toString();
}

function howToGoOn(kept: string | undefined, look: Styles): string[] {
  return [
    "",
    look.bold("Now on a repository of yours, with a real model:"),
    `${look.accent("$ export ANTHROPIC_API_KEY=…")}      or OPENAI_API_KEY, GEMINI_API_KEY, …`,
    `${look.accent('$ bough -p "what does this project do?"')}`,
    "A model on your own machine: -m ollama/<id>, lmstudio/<id>, llamacpp/<id>. Your checkout stays as it is.",
    ...(kept === undefined ? [] : ["", look.dim(`The tour's repository stays at ${kept} until you delete it.`)]),
  ];
}
