import { resolve } from "node:path";
import { Agent, type Turn } from "@bough/agent";
import { chooseModel, modelVariables } from "@bough/models";
import type { PrintCommand } from "../command-line/parse.ts";
import { type ExitCode, ExitError, UsageError } from "../exit-code.ts";
import { exitCodeOfTurn } from "../failure.ts";
import { type Interruption, listenForInterruption } from "../interruption.ts";
import { openOutput } from "../print/output.ts";
import { readPrompt } from "../prompt.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/** `bough -p`: runs one turn and prints the answer. */
export async function print(command: PrintCommand, streams: Streams): Promise<ExitCode> {
  const prompt = await readPrompt(command.prompt, streams);
  using interruption = listenForInterruption();
  const agent = await openAgent(command, prompt, streams);
  try {
    return await runTurn(agent, prompt, command, interruption, streams);
  } finally {
    await agent.close();
  }
}

async function runTurn(
  agent: Agent,
  prompt: string,
  command: PrintCommand,
  interruption: Interruption,
  streams: Streams,
): Promise<ExitCode> {
  const started = performance.now();
  const output = openOutput(command, streams);
  output.start(agent);
  const turn = await agent.run(prompt, { signal: interruption.signal, onEvent: (event) => output.event(event) });
  if (command.start.from === "checkout" && neverBegan(turn)) {
    await agent.discard();
    throw new ExitError(exitCodeOfTurn(turn), `${turn.error?.message ?? "The model gave no answer."}\nNothing was done and nothing is kept.`);
  }
  output.end(agent, turn, performance.now() - started);
  const tell = (text: string) => streams.stderr.write(`${escapeForTerminal(text)}\n`);
  for (const { path, reason } of agent.leftOut) tell(`left out of the commits: ${path} (${reason})`);
  if (turn.error !== undefined) tell(`bough: ${turn.error.message}`);
  const applied = command.apply && turn.stop === "done" ? await apply(agent) : undefined;
  tell(await closingLine(agent, applied));
  if (applied?.type === "conflict") throw new ExitError(1, `Not applied: ${applied.paths.join(", ")} differ in your checkout. The work is on ${agent.branch}.`);
  return interruption.exitCode ?? exitCodeOfTurn(turn);
}

async function openAgent(command: PrintCommand, prompt: string, { stderr }: Streams): Promise<Agent> {
  const { baseUrl, tools, system, appendSystem, permissionMode, maxTurns, start } = command;
  const options = { cwd: resolve(command.cwd), baseUrl, tools, system, appendSystem, permissionMode, limits: { replies: maxTurns } };
  switch (start.from) {
    case "checkout": {
      const chosen = chooseModel({ flag: command.model, env: process.env });
      if (chosen === undefined) throw noModel();
      if (chosen.reason !== "--model") stderr.write(`model ${escapeForTerminal(chosen.name)} (from ${chosen.reason})\n`);
      return Agent.start({ ...options, model: chosen.name, topic: prompt, branch: start.branch, clean: start.clean });
    }
    case "revision":
      return Agent.resume({ ...options, model: command.model, rev: start.revision });
    case "latest":
      return Agent.resume({ ...options, model: command.model });
    default:
      return start satisfies never;
  }
}

/** Two lines: what was looked for, and what to do. */
export function noModel(): UsageError {
  return new UsageError(
    `No model: looked for --model and for ${modelVariables().join(", ")} (in the environment; .env files are not read).\n` +
      "Set one of them, or see bough at work without any: bough tour",
  );
}

/** The model could not be reached or would not take the request: nothing was answered, so there is nothing to keep. */
function neverBegan({ stop, replies, text }: Turn): boolean {
  return stop === "error" && replies === 0 && text === "";
}

function apply(agent: Agent) {
  return agent.apply();
}

async function closingLine(agent: Agent, applied: Awaited<ReturnType<typeof apply>> | undefined): Promise<string> {
  const changes = (await agent.diffstat()) || "no files changed";
  const where = applied?.type === "applied" ? ", applied to your checkout" : "";
  return `${agent.branch}: ${changes}${where}. See it: bough log ${agent.branch}`;
}
