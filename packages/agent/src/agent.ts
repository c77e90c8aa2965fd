import {
  type ApplyResult,
  applyToCheckout,
  archiveSession,
  type Block,
  type ClosedWorktree,
  type CloseOptions,
  type Conversation,
  forkSession,
  type LandOptions,
  type LandResult,
  type LeftOut,
  landSession,
  type MergeResult,
  Repository,
  type RewindResult,
  resumeLast,
  resumeSession,
  type Session,
  startSession,
} from "@bough/gitstate";
import { type Model, modelLimits, modelPrice } from "@bough/models";
import { AgentError } from "./agent-error.ts";
import type {
  AgentOptions,
  AgentRewindOptions,
  ConfigureOptions,
  ForkOptions,
  ResumeOptions,
  RunOptions,
  StartOptions,
} from "./agent-options.ts";
import { authoredBy } from "./authored-by.ts";
import { Budget } from "./budget.ts";
import { type ChosenOptions, choose, chooseModel, chooseTools, offeredTools, usableTools } from "./choose.ts";
import { type AgentConfig, changedConfig, formatConfig, newConfig, parseConfig, systemOf } from "./config.ts";
import { type Room, roomFor } from "./context/context-settings.ts";
import { metered } from "./context/metered.ts";
import { pastOf } from "./context/past.ts";
import {
  type CompactResult,
  type ContextUse,
  contextUse,
  type SessionContextOptions,
  summarizeAll,
} from "./context/session-context.ts";
import { demandPrice } from "./demand-price.ts";
import type { AgentEvent, Happening } from "./events.ts";
import { FirstNotices } from "./first-notices.ts";
import { SessionHooks } from "./hooks/session-hooks.ts";
import { TurnHooks } from "./hooks/turn-hooks.ts";
import { checkLimits } from "./limits.ts";
import type { Ask, PermissionMode } from "./permissions/modes.ts";
import { oneAtATime } from "./permissions/one-at-a-time.ts";
import { openMasker } from "./secrets/open-masker.ts";
import { notRunning, Steering } from "./steering.ts";
import { type AgentRequest, childOptions } from "./sub-agents/child-options.ts";
import { type Child, type PlaceInTree, type SubAgent, SubAgents } from "./sub-agents/sub-agents.ts";
import type { Tool } from "./tool.ts";
import { toolDefinitions } from "./tool-definitions.ts";
import { bashTool } from "./tools/bash.ts";
import { exitPlanModeTool, planNote } from "./tools/exit-plan-mode.ts";
import { rememberPrompts } from "./trust/known-prompts.ts";
import { recordedPrompt } from "./trust/recorded-prompt.ts";
import { runTurn, type Turn } from "./turn.ts";
import { Workshop } from "./workshop.ts";

/** Characters; a step's message, which may need several for one, must stay readable as a whole. */
const LONGEST_PROMPT = 16 * 1024 * 1024;

/** An agent at work on a branch and in a worktree of its own. */
export class Agent {
  readonly #session: Session;
  #model: Model;
  #tools: readonly Tool[];
  #config: AgentConfig;
  #options: AgentOptions;
  readonly #workshop: Workshop;
  readonly #hooks: SessionHooks;
  readonly #notices: FirstNotices;
  readonly #ask: Ask | undefined;
  /** What the user works in once a plan is accepted. */
  #modeAfterPlan: PermissionMode = "default";
  readonly #closed = new AbortController();
  /** The configuration the session's last record of it holds; the next turn records what differs. */
  #recorded: AgentConfig | undefined;
  /** Whether the files are still on their way, so that nobody can have changed one by hand. */
  #untouched = false;
  /** What is to be said with the first turn. */
  #notice: string | undefined;
  #running: Promise<unknown> | undefined;
  /** Whether it is a sub-agent that was told nothing yet: what its parent said before is none of its conversation. */
  #isToBegin = false;
  #place: PlaceInTree | undefined;
  #subAgents: SubAgents | undefined;
  /** Where the running turn hears what is sent to it. */
  #steering: Steering | undefined;

  private constructor(
    session: Session,
    model: Model,
    config: AgentConfig,
    tools: readonly Tool[],
    options: AgentOptions,
  ) {
    this.#session = session;
    this.#model = model;
    this.#config = config;
    this.#tools = tools;
    this.#options = options;
    this.#ask = options.ask && oneAtATime(options.ask);
    this.#workshop = new Workshop(session, options);
    this.#hooks = new SessionHooks(this.#workshop.hooks, session);
    this.#notices = new FirstNotices(session, this.#workshop);
  }

  /** Starts a session from the present state of the repository. */
  static async start(options: StartOptions): Promise<Agent> {
    checkLimits(options.limits);
    roomFor(options.context);
    const model = chooseModel(options.model, options);
    const tools = chooseTools(options.tools);
    if (options.limits?.cost !== undefined) await demandPrice(model.name);
    const repository = await Repository.open(options.cwd);
    const config = newConfig({ ...options, model, tools, folder: repository.prefix });
    const { branch, topic, clean } = options;
    const session = await startSession(repository, { name: branch, topic, clean, config: formatConfig(config) });
    const agent = new Agent(session, model, config, tools, options);
    agent.#recorded = config;
    agent.#waitForFiles();
    return agent;
  }

  /** Goes on with a session as it was configured, but for what the options say. */
  static async resume(options: ResumeOptions): Promise<Agent> {
    const chosen = choose(options);
    const repository = await Repository.open(options.cwd);
    const session =
      options.rev === undefined ? await resumeLast(repository) : await resumeSession(repository, options.rev);
    if (session === undefined) {
      throw new AgentError(
        "no-session",
        `There is no session in ${repository.root} to go on with. Start one: bough -p "…".`,
      );
    }
    try {
      const recorded = parseConfig((await session.conversation()).config);
      await session.recover(authoredBy(recorded?.model));
      return await Agent.#again(session, recorded, chosen);
    } catch (error) {
      await (session.isNew ? session.discard() : session.close());
      throw error;
    }
  }

  /**
   * Forks a session of the repository, also one that is open elsewhere, into an agent that is configured as it was but
   * for what the options say.
   */
  static async fork({ from, before, after, branch, ...options }: ForkOptions): Promise<Agent> {
    const chosen = choose(options);
    const repository = await Repository.open(options.cwd);
    return Agent.#onFork(await forkSession(repository, { from, before, after, name: branch }), chosen);
  }

  static async #onFork(session: Session, options: ChosenOptions): Promise<Agent> {
    try {
      const recorded = parseConfig((await session.conversation()).config);
      return await Agent.#again(session, recorded, options);
    } catch (error) {
      await session.discard();
      throw error;
    }
  }

  static async #again(session: Session, recorded: AgentConfig | undefined, options: ChosenOptions): Promise<Agent> {
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
    const agent = new Agent(session, model, config, tools, options);
    agent.#notice = prompt.notice;
    agent.#recorded = recorded;
    if (session.isNew) agent.#waitForFiles();
    return agent;
  }

  /** Until the files are there the first turn need not look for changes, and its model can be asked meanwhile. */
  #waitForFiles(): void {
    this.#untouched = true;
    const touchable = () => {
      this.#untouched = false;
    };
    this.#session.ready.then(touchable, touchable);
  }

  /**
   * Forks the session, from now or from before its nth prompt, into an agent on a branch and in a worktree of its own,
   * configured as this one.
   */
  async fork({ rev, branch }: { readonly rev?: number; readonly branch?: string } = {}): Promise<Agent> {
    this.#refuseWhenTaken();
    if (rev === undefined) await this.#session.commitByHand();
    const from = this.#session.branch;
    const session = await forkSession(this.#session.repository, { from, before: rev, name: branch });
    return Agent.#onFork(session, { ...this.#options, model: this.#model, tools: this.#tools });
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

  /** Resolves when the worktree holds its files; a turn can begin before. Rejects with why they cannot be there. */
  async ready(): Promise<void> {
    await this.#session.ready;
  }

  /** Whether its session was started or forked just now, rather than taken up again. */
  get isNew(): boolean {
    return this.#session.isNew;
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
    return this.#offered.map(({ name }) => name);
  }

  /** The sub-agents that are at work for it. */
  get children(): readonly SubAgent[] {
    return this.#subAgents?.live ?? [];
  }

  get permissionMode(): PermissionMode {
    return this.#config.permissionMode;
  }

  /** Untracked files that are in no commit, and why. */
  get leftOut(): readonly LeftOut[] {
    return this.#session.leftOut;
  }

  /** Resolves to those of them that nobody was told of yet; from then on they count as told. */
  newlyLeftOut(): Promise<readonly LeftOut[]> {
    return this.#session.newlyLeftOut();
  }

  /**
   * Runs one turn and resolves to what came of it, also when the model failed or the signal interrupted it: all that
   * was said and changed is committed then. Throws when git can no longer keep it, and what `onEvent` threw.
   */
  async run(prompt: string, { onEvent, signal, budget }: RunOptions = {}): Promise<Turn> {
    this.#refuseWhenTaken();
    demandPrompt(prompt);
    const broken = new AbortController();
    const tell = (event: AgentEvent) => {
      if (broken.signal.aborted) return;
      try {
        onEvent?.(event);
      } catch (error) {
        broken.abort(error);
      }
    };
    const signals = [this.#closed.signal, broken.signal, ...(signal === undefined ? [] : [signal])];
    const turn = this.#turn(prompt, { signals, tell, above: budget });
    const result = await this.#exclusively(turn);
    broken.signal.throwIfAborted();
    return result;
  }

  /**
   * Says something to the running turn: its model is told at the end of the step it is at, and goes on when it was about to
   * end. What did not reach it any more is in `turn.undelivered`. Rejects when no turn is running, or a hook refuses it.
   */
  async send(text: string): Promise<void> {
    demandPrompt(text);
    if (this.#steering === undefined) throw notRunning();
    await this.#steering.send(text);
  }

  /** Keeps others from beginning while the work is on its way. */
  async #exclusively<Result>(work: Promise<Result>): Promise<Result> {
    this.#running = work;
    try {
      return await work;
    } finally {
      this.#running = undefined;
      this.#steering = undefined;
    }
  }

  #refuseWhenTaken(): void {
    if (this.#closed.signal.aborted) {
      throw new AgentError(
        "closed",
        `This agent is closed. Agent.resume({ rev: "${this.branch}" }) goes on with its session.`,
      );
    }
    if (this.#running !== undefined) {
      throw new AgentError("busy", "This agent is at work. Wait for it, or interrupt its turn by its signal.");
    }
  }

  async #turn(
    given: string,
    {
      signals,
      tell,
      above,
    }: { signals: readonly AbortSignal[]; tell: (event: AgentEvent) => void; above: Budget | undefined },
  ): Promise<Turn> {
    const emit = (happening: Happening) => tell({ branch: this.branch, ...happening });
    const { files, jobs, permissions } = this.#workshop;
    const config = this.#config;
    permissions.mode = config.permissionMode;
    const budget = new Budget(this.#options.limits, above);
    const hooks = new TurnHooks({
      hooks: this.#workshop.hooks,
      mode: () => this.permissionMode,
      files,
      signal: AbortSignal.any([...signals]),
      emit,
    });
    const steering = new Steering(
      this.#hooks.concernMessage ? (text) => this.#hooks.beforeMessage(text, hooks) : undefined,
    );
    this.#steering = steering;
    if (budget.isLimited("cost")) await demandPrice(this.model);
    const price = modelPrice(this.model);
    // An interrupted turn ends like any other, with what was said.
    const told = await unlessInterrupted(this.#hooks.beforePrompt(given, hooks), signals);
    if (this.#hooks.concernPrompt) this.#untouched = false;
    const maskerOpened = this.#openMasker();
    // Awaited later: until then nobody listens.
    maskerOpened.catch(() => {});
    if (!this.#untouched) await this.#session.catchUp();
    const byHand = this.#untouched ? undefined : await this.#session.commitByHand();
    const { entries, lastTurn } = await this.#session.conversation();
    const turn = lastTurn + 1;
    const masker = await maskerOpened;
    const prompt = masker.mask(given);
    emit({ type: "turn-start", turn, prompt });
    for (const text of this.#session.takeNotices()) emit({ type: "notice", text });
    if (this.#notice !== undefined) emit({ type: "notice", text: this.#notice });
    this.#notice = undefined;
    const wantsSandbox = this.permissionMode !== "bypassPermissions" && this.tools.includes(bashTool.name);
    this.#notices.tell(emit, { wantsSandbox });
    if (byHand !== undefined) emit({ type: "step-commit", step: this.#session.lastStep, ...byHand });
    const place = this.#place ?? { depth: 0, count: { started: 0 } };
    this.#subAgents = new SubAgents({
      session: this.#session,
      place,
      budget,
      start: (request, from) => this.#startChild(request, { from, place }),
      emit,
      forward: tell,
    });
    const opening: Block[] = [
      ...changedConfig(config, this.#recorded),
      ...(this.#isToBegin ? [{ type: "summary", text: "" } as const] : []),
      ...jobs.takeNews().map((text): Block => ({ type: "note", text })),
      { type: "user", text: prompt },
      ...told.map((text): Block => ({ type: "note", text: masker.mask(text) })),
      ...(this.#isPlanning ? [planBlock(this.#asking)] : []),
    ];
    let remembered: Promise<void> | undefined;
    const emitAndRemember = (happening: Happening) => {
      // Of a session that is taken back, because nothing was answered in it, nothing is to be left.
      if (happening.type === "step-reply") remembered ??= rememberPrompts([config.system, config.instructions]);
      remembered?.catch(() => {});
      emit(happening);
    };
    const result = await runTurn({
      session: this.#session,
      history: entries,
      room: await this.#room(),
      turn,
      opening,
      author: authoredBy(this.#model.name),
      model: this.#model,
      system: systemOf(config),
      forStep: () => ({
        tools: usableTools(this.#given, this.#offering),
        offered: this.#offered,
        shell: this.#workshop.shell(this.permissionMode),
      }),
      files,
      jobs,
      past: pastOf(this.#session),
      permissions,
      skills: this.#options.skills,
      hooks,
      ask: this.#asking,
      masker,
      budget,
      price: await price,
      apart: this.#subAgents,
      steering,
      signal: AbortSignal.any(budget.deadline === undefined ? [...signals] : [...signals, budget.deadline]),
      emit: emitAndRemember,
    });
    this.#recorded = config;
    this.#isToBegin = false;
    await remembered;
    return result;
  }

  /** Starts an agent on a fork of this one's branch, with at most what this one has. */
  async #startChild(request: AgentRequest, { from, place }: { from: string; place: PlaceInTree }): Promise<Child> {
    const { isReadOnly, ...options } = childOptions(request, {
      options: this.#options,
      model: this.#model,
      tools: this.#offered,
      mode: this.permissionMode,
      rules: this.#workshop.permissions.rules,
      system: this.#config.system,
    });
    const session = await forkSession(this.#session.repository, { from: this.branch, after: from, subAgent: true });
    const { ask } = options;
    const agent = await Agent.#onFork(session, {
      ...options,
      ask: ask && ((question, context) => ask({ agent: session.branch, ...question }, context)),
    });
    agent.#isToBegin = true;
    agent.#place = { ...place, depth: place.depth + 1 };
    return {
      branch: agent.branch,
      model: agent.model,
      isReadOnly,
      get children() {
        return agent.children;
      },
      run: (task, how) => agent.run(task, how),
      send: (text) => agent.send(text),
      changed: () => session.changedSince(from),
      close: () => agent.close({ worktree: "remove-when-safe" }),
    };
  }

  /** Secrets may have come since the last turn. */
  #openMasker() {
    const folders = [this.#session.repository.root, this.#session.worktree];
    const { apiKey, env: variables } = this.#options;
    return openMasker({ environment: process.env, variables, apiKey, folders });
  }

  /** Who is asked; in a mode that asks nothing nobody. */
  get #asking(): Ask | undefined {
    return this.permissionMode === "dontAsk" ? undefined : this.#ask;
  }

  get #offered(): readonly Tool[] {
    return offeredTools(this.#given, this.#offering);
  }

  get #offering() {
    return {
      skills: this.#options.skills,
      kinds: this.#options.kinds,
      permissionMode: this.permissionMode,
      ask: this.#ask,
    };
  }

  /** In plan mode there is a tool to end it with. */
  get #given(): readonly Tool[] {
    if (!this.#isPlanning) return this.#tools;
    return [...this.#tools, exitPlanModeTool({ mode: this.#modeAfterPlan, leave: () => this.#leavePlan() })];
  }

  /** A sub-agent that may only read answers its parent, and has no plan to hand in. */
  get #isPlanning(): boolean {
    return this.permissionMode === "plan" && this.#place === undefined;
  }

  #leavePlan(): void {
    const permissionMode = this.#modeAfterPlan;
    this.#options = { ...this.#options, permissionMode };
    this.#config = { ...this.#config, permissionMode };
    this.#workshop.permissions.mode = permissionMode;
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
  async apply(): Promise<ApplyResult> {
    return applyToCheckout(this.#session.repository, this.#session);
  }

  /**
   * Merges another agent's branch, or any branch or commit, into this one by a merge commit; conflicts come back as data
   * and leave nothing half-merged. The next turn's model is told what came in.
   */
  async merge(other: Agent | string, options: { readonly preview?: boolean } = {}): Promise<MergeResult> {
    this.#refuseWhenTaken();
    if (typeof other === "string") return this.#exclusively(this.#session.merge(other, options));
    // What a turn is at work on is its own until it commits it.
    const isIdle = other.#running === undefined && !other.#closed.signal.aborted;
    if (isIdle && options.preview !== true) await other.#session.commitByHand();
    return this.#exclusively(this.#session.merge(other.branch, options));
  }

  /**
   * Brings files and conversation, or one of them, back to an earlier moment by a new step, which a rewind to its `before`
   * undoes. The agent stays configured as it is.
   */
  async rewind({ rev, turns = 1, ...options }: AgentRewindOptions = {}): Promise<RewindResult> {
    this.#refuseWhenTaken();
    const target = rev === undefined ? { turns } : typeof rev === "number" ? { before: rev } : { after: rev };
    const rewind = async () => {
      const result = await this.#session.rewind({ ...target, ...options });
      this.#recorded = parseConfig((await this.#session.conversation()).config);
      return result;
    };
    return this.#exclusively(rewind());
  }

  /** Lets the model forget what was said so far; a rewind to before it brings it back. The files stay as they are. */
  async clear(): Promise<void> {
    this.#refuseWhenTaken();
    await this.#exclusively(this.#decide("Clear the conversation", { type: "summary", text: "" }));
  }

  /**
   * Has the model summarize all that was said, and goes on from the summary; a rewind to before it brings back the rest.
   * The instructions say what the summary is to heed. Throws, with nothing changed, when the model gives none.
   */
  async compact(instructions?: string, { signal }: Pick<RunOptions, "signal"> = {}): Promise<CompactResult> {
    this.#refuseWhenTaken();
    const signals = [this.#closed.signal, ...(signal === undefined ? [] : [signal])];
    const compact = async (): Promise<CompactResult> => {
      const masker = await this.#openMasker();
      const budget = new Budget(this.#options.limits);
      const price = await modelPrice(this.model);
      const context = await this.#context();
      const summarized = await summarizeAll({
        ...context,
        model: metered(context.model, { budget, price }),
        price,
        step: this.#session.lastStep + 1,
        instructions: masker.mask(instructions ?? ""),
        signal: AbortSignal.any(signals),
      });
      if (summarized === undefined) return { type: "nothing-to-summarize" };
      await this.#decide("Summarize the conversation", summarized.made.block);
      return summarized.result;
    };
    return this.#exclusively(compact());
  }

  /** Says how full the model's window is, and by what. */
  async context(): Promise<ContextUse> {
    return contextUse(await this.#context());
  }

  /** A window that is set in the settings goes before what is known of the model. */
  async #room(): Promise<Room> {
    return roomFor(this.#options.context, (await modelLimits(this.model))?.context);
  }

  async #context(): Promise<SessionContextOptions> {
    const { entries } = await this.#session.conversation();
    const beside = { system: systemOf(this.#config), tools: toolDefinitions(this.#offered) };
    return { session: this.#session, entries, room: await this.#room(), model: this.#model, beside };
  }

  /** Changes what the next turns are run with, and records it. */
  async configure(changes: ConfigureOptions): Promise<void> {
    this.#refuseWhenTaken();
    const options = { ...this.#options, ...changes };
    const model =
      changes.model === undefined ? this.#model : chooseModel(changes.model, { ...changes, env: options.env });
    const tools = changes.tools === undefined ? this.#tools : chooseTools(changes.tools);
    const system = changes.system ?? this.#config.system;
    const recorded = this.#config;
    const config = newConfig({ ...options, model, tools, system, recorded, folder: this.#session.repository.prefix });
    const configure = async () => {
      if (options.limits?.cost !== undefined) await demandPrice(model.name);
      const [block] = changedConfig(config, this.#recorded);
      if (block !== undefined) await this.#decide(`Configure ${model.name}`, block);
      if (this.permissionMode !== "plan") this.#modeAfterPlan = this.permissionMode;
      this.#model = model;
      this.#tools = tools;
      this.#options = options;
      this.#config = config;
      this.#recorded = config;
    };
    await this.#exclusively(configure());
  }

  /** Commits what the user decided between two turns. */
  async #decide(subject: string, block: Block): Promise<void> {
    const { lastTurn } = await this.#session.conversation();
    const step = { step: this.#session.lastStep + 1, turn: lastTurn, blocks: [block] };
    const author = this.#session.repository.identity;
    await this.#session.commit(step, { subject, author, changes: [], always: true });
  }

  /** Brings the session's changes to the user's branch as one commit of theirs, or as uncommitted edits. */
  async land(options: LandOptions = {}): Promise<LandResult> {
    this.#refuseWhenTaken();
    const land = async () => {
      if (options.preview !== true) await this.#session.commitByHand();
      return landSession(this.#session.repository, this.#session, options);
    };
    return this.#exclusively(land());
  }

  /**
   * Interrupts what runs and lets go of the session. Its branch stays, and so does its worktree unless it is to be
   * removed when the branch holds all that is in it; `Agent.resume` makes it again.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    await this.#stop();
    await this.#session.close(options);
  }

  /**
   * Closes the agent for good: its branch and its records move to one ref beside the branches, and its worktree goes, once
   * what changed there is committed; it stays for files that no commit takes, such as ignored ones. Throws, and leaves the
   * session as it is, when git is in the middle of something there. `Agent.resume` brings it back.
   */
  async archive(): Promise<ClosedWorktree> {
    await this.#stop();
    await this.#session.close();
    return archiveSession(this.#session.repository, this.branch);
  }

  /** Takes back a session in which nothing was done, as if it had never been started. */
  async discard(): Promise<void> {
    await this.#stop();
    await this.#session.discard();
  }

  async #stop(): Promise<void> {
    this.#closed.abort();
    // Whoever runs the turn is told how it ended.
    await this.#running?.catch(() => {});
    await this.#hooks.end(this.permissionMode);
    await this.#workshop.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function demandPrompt(prompt: string): void {
  if (prompt.trim() === "") throw new AgentError("empty-prompt", "The prompt is empty. Say what is to be done.");
  if (prompt.length > LONGEST_PROMPT) {
    const given = `The prompt is ${prompt.length} characters long, and no model reads as many`;
    throw new AgentError("long-prompt", `${given}. Put them into a file, and let the prompt name it.`);
  }
}

async function unlessInterrupted(
  told: Promise<readonly string[]>,
  signals: readonly AbortSignal[],
): Promise<readonly string[]> {
  try {
    return await told;
  } catch (error) {
    if (signals.some(({ aborted }) => aborted)) return [];
    throw error;
  }
}

function planBlock(ask: Ask | undefined): Block {
  return { type: "note", text: planNote({ isAnswered: ask !== undefined }) };
}
