import { Agent, AgentError, type AgentOptions, type Settings, type Turn } from "@bough/agent";
import { chooseModel } from "@bough/models";
import { withAgentFile } from "../agent-file.ts";
import type { PrintCommand } from "../command-line/parse.ts";
import { type ExitCode, ExitError, exitCode } from "../exit-code.ts";
import { exitCodeOfTurn } from "../failure.ts";
import { dollars } from "../history/amounts.ts";
import { describeLeftOut } from "../history/describe-left-out.ts";
import { instructionsFor } from "../instructions.ts";
import { type Interruption, listenForInterruption } from "../interruption.ts";
import { openOutput } from "../print/output.ts";
import { whatNext } from "../print/what-next.ts";
import { readPrompt } from "../prompt.ts";
import { settingsFor } from "../settings.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { expandPrompt } from "../user-command.ts";
import { agentOptions, noModel } from "./agent-options.ts";

/** `bough -p`: runs one turn and prints the answer. */
export function print(command: PrintCommand, streams: Streams): Promise<ExitCode> {
  return runPrompt(command, streams, (options, settings) => openAgent(command, options, settings, streams));
}

/** How a turn is run that another command asks for. */
type RunCommand = Omit<PrintCommand, "command" | "start">;

/** What the agent of the turn is opened with. */
type OpenOptions = AgentOptions & { readonly model: string | undefined };

/** Runs one turn of the agent that is opened for it, and prints the answer. */
export async function runPrompt(
  given: RunCommand,
  streams: Streams,
  open: (options: OpenOptions, settings: Settings) => Promise<Agent>,
): Promise<ExitCode> {
  const command = await withAgentFile(given);
  const settings = await settingsFor(command, streams);
  const expanded = await expandPrompt(command, settings, streams);
  const prompt = await readPrompt(expanded.prompt, streams);
  using interruption = listenForInterruption();
  const told = await instructionsFor(command, settings, streams);
  const model = command.model ?? expanded.model;
  const agent = await open({ ...agentOptions(command, settings), ...told, model }, settings);
  try {
    return await runTurn(agent, prompt, command, interruption, streams);
  } finally {
    await agent.close({ worktree: "remove-when-safe" });
  }
}

async function runTurn(
  agent: Agent,
  prompt: string,
  command: RunCommand,
  interruption: Interruption,
  streams: Streams,
): Promise<ExitCode> {
  const started = performance.now();
  const output = openOutput(command, streams);
  output.start(agent);
  const turn = await agent
    .run(prompt, { signal: interruption.signal, onEvent: (event) => output.event(event) })
    .catch((error: unknown) => discardIfBlocked(agent, error));
  const isKept = !(agent.isNew && neverBegan(turn));
  if (!isKept) await agent.discard();
  output.end({ agent, turn, isKept, durationMs: performance.now() - started });
  const tell = (text: string) => streams.stderr.write(`${escapeForTerminal(text)}\n`);
  if (turn.error !== undefined) tell(`bough: ${turn.error.message}`);
  else if (turn.why !== undefined) tell(`bough: ${turn.why}. ${whatNext(turn, { ...command, branch: agent.branch })}`);
  if (isKept) await leave(agent, { turn, isToApply: command.apply && turn.stop === "done", tell });
  else tell("Nothing was done and nothing is kept.");
  return interruption.exitCode ?? exitCodeOfTurn(turn);
}

/** Of a session whose first prompt was refused there is nothing to keep. */
async function discardIfBlocked(agent: Agent, error: unknown): Promise<never> {
  if (error instanceof AgentError && error.reason === "blocked" && agent.isNew) await agent.discard();
  throw error;
}

/** Tells what there is now, and brings it to the checkout where that was asked for. */
async function leave(
  agent: Agent,
  { turn, isToApply, tell }: { turn: Turn; isToApply: boolean; tell: (text: string) => void },
): Promise<void> {
  for (const item of await agent.newlyLeftOut()) tell(describeLeftOut(item));
  const changes = await agent.diffstat();
  let where = "";
  let next = changes === "" ? "See it: bough log" : "Land it: bough land";
  try {
    const applied = isToApply ? await agent.apply() : undefined;
    if (applied?.type === "applied") {
      where = ", applied to your checkout";
      next = "See it: bough log";
    }
    if (applied?.type === "conflict") throw notApplied(applied.paths);
  } finally {
    const what = `${changes || "no files changed"}${where}${costIn(turn)}`;
    tell(`${agent.branch}: ${what}. ${next} ${agent.branch}`);
  }
}

/** Less than a cent is not worth a word; the log has it. */
function costIn({ cost = 0 }: Turn): string {
  return cost < 0.01 ? "" : `, for ${dollars(cost)}`;
}

function notApplied(paths: readonly string[]): ExitError {
  const what = paths.length === 1 ? "is" : "are";
  return new ExitError(
    exitCode.failed,
    `Not applied: ${paths.join(", ")} ${what} changed in your checkout at the same places. Nothing was touched there.`,
  );
}

/** Opens the agent of a turn; a new session is named after the prompt. */
export async function openAgent(
  { prompt: topic, start }: Pick<PrintCommand, "prompt" | "start">,
  { model, ...options }: OpenOptions,
  settings: Settings,
  { stderr }: Streams,
): Promise<Agent> {
  switch (start.from) {
    case "checkout": {
      const chosen = chooseModel({ flag: model, env: process.env, settings: settings.model });
      if (chosen === undefined) throw noModel();
      const { branch, clean } = start;
      // Not of what is piped in: that may be anything, and the branch's name goes wherever it is pushed.
      const agent = await Agent.start({ ...options, model: chosen.name, topic, branch, clean });
      if (chosen.reason !== "--model")
        stderr.write(`model ${escapeForTerminal(chosen.name)} (from ${chosen.reason})\n`);
      return agent;
    }
    case "revision":
      return Agent.resume({ ...options, model, rev: start.revision });
    case "latest":
      return Agent.resume({ ...options, model });
    default:
      return start satisfies never;
  }
}

/** The model could not be reached or would not take the request: nothing was answered, so there is nothing to keep. */
function neverBegan({ stop, replies, text }: Turn): boolean {
  return stop === "error" && replies === 0 && text === "";
}
