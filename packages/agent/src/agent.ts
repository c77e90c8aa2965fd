import {
  type Block,
  type Conversation,
  type LeftOut,
  Repository,
  resumeLast,
  resumeSession,
  type Session,
  startSession,
} from "@bough/gitstate";
import { type Model, openModel } from "@bough/models";
import { WorktreeFiles } from "@bough/sandbox";
import { AgentError } from "./agent-error.ts";
import { type AgentConfig, formatConfig, parseConfig } from "./config.ts";
import type { AgentEvent } from "./events.ts";
import type { Ask, PermissionMode } from "./permission.ts";
import { systemPrompt } from "./system-prompt.ts";
import type { Tool } from "./tool.ts";
import { builtinTools } from "./tools/builtin-tools.ts";
import { runTurn, type Turn } from "./turn.ts";

/** Who commits are by when no model is to be named. */
const AUTHOR = { name: "bough", email: "bough@localhost" };

/** How an agent works, whether its session is new or goes on. */
export interface AgentOptions {
  /** A folder in the repository. */
  readonly cwd: string;
  /** `<provider>/<id>`, or a model of one's own making. */
  readonly model?: string | Model;
  readonly apiKey?: string;
  readonly baseUrl?: string;
  /** Takes the place of the system prompt. */
  readonly system?: string;
  /** Follows the system prompt. */
  readonly appendSystem?: string;
  /** Names of built-in tools and tools of one's own making; without it all that are built in. */
  readonly tools?: readonly (string | Tool)[];
  readonly permissionMode?: PermissionMode;
  readonly limits?: { readonly replies?: number };
  /** Answers permission requests; without it what needs permission is denied. */
  readonly ask?: Ask;
}

/** How a session is started. */
export interface StartOptions extends AgentOptions {
  readonly model: string | Model;
  /** Name of the branch after `bough/`. */
  readonly branch?: string;
  /** What the branch is named after when it is given no name, as the first prompt. */
  readonly topic?: string;
  /** Whether to start from the last commit, leaving uncommitted work aside. */
  readonly clean?: boolean;
}

/** How a session is gone on with. */
export interface ResumeOptions extends AgentOptions {
  /** A branch, a commit or a session's id; without it the session that moved last. */
  readonly rev?: string;
}

/** How one turn is run. */
export interface RunOptions {
  onEvent?(event: AgentEvent): void;
  readonly signal?: AbortSignal;
}

/** An agent at work on a branch and in a worktree of its own. */
export class Agent {
  readonly #session: Session;
  readonly #model: Model;
  readonly #tools: readonly Tool[];
  readonly #config: AgentConfig;
  readonly #options: AgentOptions;
  readonly #files: WorktreeFiles;
  /** The configuration the session's last record of it holds; the next turn records what differs. */
  #recorded: AgentConfig | undefined;
  #running = false;

  private constructor(session: Session, model: Model, config: AgentConfig, tools: readonly Tool[], options: AgentOptions) {
    this.#session = session;
    this.#model = model;
    this.#config = config;
    this.#tools = tools;
    this.#options = options;
    const { root, prefix } = session.repository;
    this.#files = new WorktreeFiles({ root: session.worktree, aliases: [root], cwd: prefix });
  }

  /** Starts a session from the present state of the repository. */
  static async start(options: StartOptions): Promise<Agent> {
    const model = open(options.model, options);
    const tools = chooseTools(options.tools);
    const repository = await Repository.open(options.cwd);
    const config = newConfig(model, tools, options, repository.prefix);
    const { branch, topic, clean } = options;
    const session = await startSession(repository, { name: branch, topic, clean, config: formatConfig(config) });
    const agent = new Agent(session, model, config, tools, options);
    agent.#recorded = config;
    return agent;
  }

  /** Goes on with a session as it was configured, but for what the options say. */
  static async resume(options: ResumeOptions): Promise<Agent> {
    if (options.model !== undefined) open(options.model, options);
    const repository = await Repository.open(options.cwd);
    const session = options.rev === undefined ? await resumeLast(repository) : await resumeSession(repository, options.rev);
    if (session === undefined) {
      throw new AgentError("no-session", `There is no session in ${repository.root} to go on with. Start one: bough -p "…".`);
    }
    try {
      return await Agent.#resumeSession(session, options);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  static async #resumeSession(session: Session, options: ResumeOptions): Promise<Agent> {
    await session.recover(AUTHOR);
    const recorded = parseConfig((await session.conversation()).config);
    const chosen = options.model ?? recorded?.model;
    if (chosen === undefined) {
      throw new AgentError("no-model", `The session does not say which model it ran on. Name one: --model <provider>/<id>.`);
    }
    const model = open(chosen, options);
    const tools = chooseTools(options.tools ?? recorded?.tools.filter((name) => builtinTools.some((tool) => tool.name === name)));
    const config = newConfig(model, tools, { system: recorded?.system, ...options }, session.repository.prefix);
    const agent = new Agent(session, model, config, tools, options);
    agent.#recorded = recorded;
    return agent;
  }

  get branch(): string {
    return this.#session.branch;
  }

  /** The session's id, which names its lineage. */
  get session(): string {
    return this.#session.id;
  }

  /** The folder the agent works in. */
  get worktree(): string {
    return this.#session.worktree;
  }

  /** The branch's last commit. */
  get commit(): string {
    return this.#session.tip;
  }

  /** `<provider>/<id>`. */
  get model(): string {
    return this.#model.name;
  }

  /** Names of the tools the model is offered. */
  get tools(): readonly string[] {
    return this.#tools.map(({ name }) => name);
  }

  get permissionMode(): PermissionMode {
    return this.#config.permissionMode;
  }

  /** Untracked files that are in no commit, and why. */
  get leftOut(): readonly LeftOut[] {
    return this.#session.leftOut;
  }

  /**
   * Runs one turn and resolves to what came of it, also when the model failed or the signal interrupted it: all that
   * was said and changed is committed then. Throws when git can no longer keep it.
   */
  async run(prompt: string, { onEvent, signal = new AbortController().signal }: RunOptions = {}): Promise<Turn> {
    if (this.#running) throw new AgentError("busy", "This agent is running a turn. Wait for it, or interrupt it by its signal.");
    this.#running = true;
    try {
      return await this.#turn(prompt, signal, (event) => onEvent?.({ branch: this.branch, ...event }));
    } finally {
      this.#running = false;
    }
  }

  async #turn(prompt: string, signal: AbortSignal, emit: Parameters<typeof runTurn>[0]["emit"]): Promise<Turn> {
    const isFirst = this.#session.lastStep === 0;
    const byHand = isFirst ? undefined : await this.#session.commitByHand();
    const { entries, lastTurn } = await this.#session.conversation();
    const turn = lastTurn + 1;
    emit({ type: "turn-start", turn, prompt });
    if (byHand !== undefined) emit({ type: "step-commit", step: this.#session.lastStep, ...byHand });
    const opening: Block[] = [...this.#changedConfig(), { type: "user", text: prompt }];
    const result = await runTurn({
      session: this.#session,
      history: entries,
      turn,
      opening,
      author: { ...AUTHOR, name: `${this.#model.name} (bough)` },
      model: this.#model,
      system: this.#config.system,
      tools: this.#tools,
      files: this.#files,
      permissionMode: this.#config.permissionMode,
      ask: this.#options.ask,
      maxReplies: this.#options.limits?.replies ?? Number.POSITIVE_INFINITY,
      signal,
      emit,
    });
    this.#recorded = this.#config;
    return result;
  }

  #changedConfig(): Block[] {
    const config = formatConfig(this.#config);
    const recorded = this.#recorded === undefined ? undefined : formatConfig(this.#recorded);
    return JSON.stringify(config) === JSON.stringify(recorded) ? [] : [{ type: "config", ...config }];
  }

  /** Reads the conversation as it stands, or as it stood at one of its commits. */
  transcript(rev?: string): Promise<Conversation> {
    return this.#session.conversation(rev);
  }

  /** Says what the session changed since it started: `2 files changed, 5 insertions(+)`; empty when nothing. */
  async diffstat(): Promise<string> {
    const base = await this.#session.base();
    return base === undefined ? "" : this.#session.diffstat(base);
  }

  /** Leaves the session's changes in the user's checkout as uncommitted edits. */
  async apply() {
    const { applyToCheckout } = await import("@bough/gitstate");
    return applyToCheckout(this.#session.repository, this.#session);
  }

  /** Lets go of the session; its branch and its worktree stay. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** Takes back a session in which nothing was done, as if it had never been started. */
  discard(): Promise<void> {
    return this.#session.discard();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function open(model: string | Model, { apiKey, baseUrl }: AgentOptions): Model {
  return typeof model === "string" ? openModel(model, { env: process.env, apiKey, baseUrl }) : model;
}

function chooseTools(wanted: readonly (string | Tool)[] | undefined): readonly Tool[] {
  if (wanted === undefined) return builtinTools;
  return wanted.map((choice) => {
    if (typeof choice !== "string") return choice;
    const tool = builtinTools.find(({ name }) => name === choice);
    if (tool !== undefined) return tool;
    const known = builtinTools.map(({ name }) => name).join(", ");
    throw new AgentError("unknown-tool", `There is no tool named ${JSON.stringify(choice)}. Tools: ${known}.`);
  });
}

function newConfig(model: Model, tools: readonly Tool[], options: AgentOptions, folder: string): AgentConfig {
  const system = options.system ?? systemPrompt({ folder, date: new Date() });
  return {
    model: model.name,
    tools: tools.map(({ name }) => name),
    permissionMode: options.permissionMode ?? "default",
    system: options.appendSystem === undefined ? system : `${system}\n\n${options.appendSystem}`,
  };
}
