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
  type MadeCommit,
  type MergeResult,
  type RewindResult,
  type Session,
} from "@bough/gitstate";
import { AgentError } from "./agent-error.ts";
import type {
  AgentRewindOptions,
  ConfigureOptions,
  ForkOptions,
  ResumeOptions,
  RunOptions,
  StartOptions,
} from "./agent-options.ts";
import { Budget } from "./budget.ts";
import { type ByHandOptions, type HandResult, runByHand } from "./by-hand.ts";
import { changedConfig, parseConfig } from "./config.ts";
import { compact } from "./context/compact.ts";
import { type CompactResult, type ContextUse, contextUse, sessionContext } from "./context/session-context.ts";
import { demandPrice } from "./demand-price.ts";
import { demandPrompt } from "./demand-prompt.ts";
import type { Turn } from "./end-turn.ts";
import type { AgentEvent, Happening } from "./events.ts";
import { FirstNotices } from "./first-notices.ts";
import { SessionHooks } from "./hooks/session-hooks.ts";
import { TurnHooks } from "./hooks/turn-hooks.ts";
import { Listener } from "./listener.ts";
import { type OpenSession, openAgain, openFork, openForked, openNew } from "./open-session.ts";
import type { PermissionMode } from "./permissions/modes.ts";
import { runPrompt } from "./run-prompt.ts";
import { Setup } from "./setup.ts";
import { notRunning, Steering } from "./steering.ts";
import type { Means } from "./sub-agents/child-options.ts";
import { startChild } from "./sub-agents/start-child.ts";
import { type PlaceInTree, type SubAgent, SubAgents, type SubAgentsOptions } from "./sub-agents/sub-agents.ts";
import { Workshop } from "./workshop.ts";

/** An agent at work on a branch and in a worktree of its own. */
export class Agent {
  readonly #session: Session;
  readonly #setup: Setup;
  readonly #workshop: Workshop;
  readonly #hooks: SessionHooks;
  readonly #notices: FirstNotices;
  readonly #place: PlaceInTree | undefined;
  readonly #closed = new AbortController();
  /** Whether the files are still on their way, so that nobody can have changed one by hand. */
  #untouched = false;
  #running: Promise<unknown> | undefined;
  #subAgents: SubAgents | undefined;
  /** Where the running turn hears what is sent to it. */
  #steering: Steering | undefined;

  private constructor(opened: OpenSession, place?: PlaceInTree) {
    const { session, options } = opened;
    this.#session = session;
    this.#setup = new Setup(opened, { isSubAgent: place !== undefined });
    this.#workshop = new Workshop(session, options);
    this.#hooks = new SessionHooks(this.#workshop.hooks, session);
    this.#notices = new FirstNotices(opened, this.#workshop);
    this.#place = place;
    if (!session.hadFiles) this.#waitForFiles();
  }

  /** Starts a session from the present state of the repository. */
  static async start(options: StartOptions): Promise<Agent> {
    return new Agent(await openNew(options));
  }

  /** Goes on with a session as it was configured, but for what the options say. */
  static async resume(options: ResumeOptions): Promise<Agent> {
    return new Agent(await openAgain(options));
  }

  /**
   * Forks a session of the repository, also one that is open elsewhere, into an agent that is configured as it was but
   * for what the options say.
   */
  static async fork(options: ForkOptions): Promise<Agent> {
    return new Agent(await openFork(options));
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
    const { options, model, tools } = this.#setup;
    return new Agent(await openForked(session, { ...options, model, tools }));
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
    return this.#setup.model.name;
  }

  /** Names of the tools the model is offered. */
  get tools(): readonly string[] {
    return this.#setup.offered.map(({ name }) => name);
  }

  /** The sub-agents that are at work for it. */
  get children(): readonly SubAgent[] {
    return this.#subAgents?.live ?? [];
  }

  get permissionMode(): PermissionMode {
    return this.#setup.permissionMode;
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
    const listener = new Listener(onEvent);
    const signals = [this.#closed.signal, listener.broken, ...(signal === undefined ? [] : [signal])];
    const result = await this.#exclusively(this.#turn(prompt, { signals, tell: listener.tell, above: budget }));
    listener.broken.throwIfAborted();
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

  async #turn(prompt: string, { signals, tell, above }: TurnSurroundings): Promise<Turn> {
    const emit = (happening: Happening) => tell({ branch: this.branch, ...happening });
    const workshop = this.#workshop;
    workshop.permissions.mode = this.permissionMode;
    const budget = new Budget(this.#setup.options.limits, above);
    const hooks = new TurnHooks({
      hooks: workshop.hooks,
      mode: () => this.permissionMode,
      files: workshop.files,
      signal: AbortSignal.any([...signals]),
      emit,
    });
    const asksHooks = this.#hooks.concernMessage;
    const steering = new Steering(asksHooks ? (text) => this.#hooks.beforeMessage(text, hooks) : undefined);
    this.#steering = steering;
    const subAgents = this.#subAgentsOf({ budget, emit, forward: tell });
    this.#subAgents = subAgents;
    return runPrompt(prompt, {
      session: this.#session,
      setup: this.#setup,
      workshop,
      sessionHooks: this.#hooks,
      hooks,
      notices: this.#notices,
      budget,
      subAgents,
      steering,
      isUntouched: () => this.#untouched,
      signals,
      emit,
    });
  }

  #subAgentsOf(turn: Pick<SubAgentsOptions, "budget" | "emit" | "forward">): SubAgents {
    const session = this.#session;
    const place = this.#place ?? { depth: 0, count: { started: 0 } };
    const below = { ...place, depth: place.depth + 1 };
    const makeAgent = (opened: OpenSession) => new Agent(opened, below);
    const start: SubAgentsOptions["start"] = (request, from) =>
      startChild(request, { session, means: this.#means, from, makeAgent });
    return new SubAgents({ ...turn, session, place, start });
  }

  /** What it has for agents of its own. */
  get #means(): Means {
    const { options, model, offered, permissionMode, config } = this.#setup;
    const { rules } = this.#workshop.permissions;
    return { options, model, tools: offered, mode: permissionMode, rules, system: config.system };
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
      this.#setup.recorded = parseConfig((await this.#session.conversation()).config);
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
  async compact(instructions = "", { signal }: Pick<RunOptions, "signal"> = {}): Promise<CompactResult> {
    this.#refuseWhenTaken();
    const signals = [this.#closed.signal, ...(signal === undefined ? [] : [signal])];
    const summarize = async (): Promise<CompactResult> => {
      const signal = AbortSignal.any(signals);
      const summarized = await compact({ session: this.#session, setup: this.#setup, instructions, signal });
      if (summarized === undefined) return { type: "nothing-to-summarize" };
      await this.#decide("Summarize the conversation", summarized.made.block);
      return summarized.result;
    };
    return this.#exclusively(summarize());
  }

  /** Says how full the model's window is, and by what. */
  async context(): Promise<ContextUse> {
    return contextUse(await sessionContext(this.#session, this.#setup));
  }

  /** Changes what the next turns are run with, and records it. */
  async configure(changes: ConfigureOptions): Promise<void> {
    this.#refuseWhenTaken();
    const setup = this.#setup;
    const next = setup.changedBy(changes);
    const configure = async () => {
      if (next.options.limits?.cost !== undefined) await demandPrice(next.model.name);
      const [block] = changedConfig(next.config, setup.recorded);
      if (block !== undefined) await this.#decide(`Configure ${next.model.name}`, block);
      setup.changeTo(next);
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

  /** Commits in the user's name what was changed by hand in the worktree, if anything was. */
  async commitByHand(): Promise<MadeCommit | undefined> {
    this.#refuseWhenTaken();
    return this.#exclusively(this.#session.commitByHand());
  }

  /**
   * Runs a command of the user's own in the worktree: in their environment, confined to nothing. What it changed is
   * committed in their name, unless a turn runs meanwhile: then it goes with what the turn commits.
   */
  async runByHand(
    command: string,
    options: ByHandOptions = {},
  ): Promise<HandResult & { readonly commit?: MadeCommit }> {
    await this.#session.ready;
    const run = () => runByHand({ ...options, command, cwd: this.worktree });
    if (this.#running !== undefined) return run();
    this.#refuseWhenTaken();
    this.#untouched = false;
    const runAndCommit = async () => {
      const result = await run();
      const commit = await this.#session.commitByHand();
      return commit === undefined ? result : { ...result, commit };
    };
    return this.#exclusively(runAndCommit());
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

/** What a turn is run within. */
interface TurnSurroundings {
  readonly signals: readonly AbortSignal[];
  tell(event: AgentEvent): void;
  readonly above: Budget | undefined;
}
