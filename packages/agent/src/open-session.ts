import { forkSession, Repository, resumeLast, resumeSession, type Session, startSession } from "@bough/gitstate";
import type { Model } from "@bough/models";
import { AgentError } from "./agent-error.ts";
import type { AgentOptions, ForkOptions, ResumeOptions, StartOptions } from "./agent-options.ts";
import { authoredBy } from "./authored-by.ts";
import { type ChosenOptions, choose, chooseModel, chooseTools } from "./choose.ts";
import { type AgentConfig, formatConfig, newConfig, parseConfig } from "./config.ts";
import { roomFor } from "./context/context-settings.ts";
import { demandPrice } from "./demand-price.ts";
import { checkLimits } from "./limits.ts";
import type { Tool } from "./tool.ts";
import { recordedPrompt } from "./trust/recorded-prompt.ts";

/** A session that is open, and what an agent is to work on it with. */
export interface OpenSession {
  readonly session: Session;
  readonly model: Model;
  readonly tools: readonly Tool[];
  readonly config: AgentConfig;
  /** The configuration that the session's last record of it holds. */
  readonly recorded: AgentConfig | undefined;
  readonly options: AgentOptions;
  /** What is to be said with the first turn. */
  readonly notice?: string | undefined;
}

/** Starts a session from the present state of the repository. */
export async function openNew(options: StartOptions): Promise<OpenSession> {
  checkLimits(options.limits);
  roomFor(options.context);
  const model = chooseModel(options.model, options);
  const tools = chooseTools(options.tools);
  if (options.limits?.cost !== undefined) await demandPrice(model.name);
  const repository = await Repository.open(options.cwd);
  const config = newConfig({ ...options, model, tools, folder: repository.prefix });
  const { branch, topic, clean } = options;
  const session = await startSession(repository, { name: branch, topic, clean, config: formatConfig(config) });
  return { session, model, tools, config, recorded: config, options };
}

/** Takes up a session as it was configured, but for what the options say. */
export async function openAgain(options: ResumeOptions): Promise<OpenSession> {
  const chosen = choose(options);
  const repository = await Repository.open(options.cwd);
  const { rev } = options;
  const session = rev === undefined ? await resumeLast(repository) : await resumeSession(repository, rev);
  if (session === undefined) {
    throw new AgentError(
      "no-session",
      `There is no session in ${repository.root} to go on with. Start one: bough -p "…".`,
    );
  }
  try {
    const recorded = parseConfig((await session.conversation()).config);
    await session.recover(authoredBy(recorded?.model));
    return await goOn(session, recorded, chosen);
  } catch (error) {
    await (session.isNew ? session.discard() : session.close());
    throw error;
  }
}

/** Forks a session of the repository, configured as it was but for what the options say. */
export async function openFork({ from, before, after, branch, ...options }: ForkOptions): Promise<OpenSession> {
  const chosen = choose(options);
  const repository = await Repository.open(options.cwd);
  return openForked(await forkSession(repository, { from, before, after, name: branch }), chosen);
}

/** Goes on with a session that was forked just now; one that nobody can work on is taken back. */
export async function openForked(session: Session, options: ChosenOptions): Promise<OpenSession> {
  try {
    const recorded = parseConfig((await session.conversation()).config);
    return await goOn(session, recorded, options);
  } catch (error) {
    await session.discard();
    throw error;
  }
}

async function goOn(session: Session, recorded: AgentConfig | undefined, options: ChosenOptions): Promise<OpenSession> {
  const chosen = options.model ?? recorded?.model;
  if (chosen === undefined) {
    throw new AgentError(
      "no-model",
      `The session does not say which model it ran on. Name one: --model <provider>/<id>.`,
    );
  }
  const model = chooseModel(chosen, options);
  if (options.limits?.cost !== undefined) await demandPrice(model.name);
  const tools = options.tools ?? chooseTools(undefined).filter(({ name }) => recorded?.tools.includes(name) ?? true);
  const folder = session.repository.prefix;
  const prompt = await recordedPrompt(recorded, { ...options, folder });
  const config = newConfig({ ...options, model, tools, recorded: prompt.usable, folder });
  return { session, model, tools, config, recorded, options, notice: prompt.notice };
}
