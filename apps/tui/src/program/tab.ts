import { type Agent, AgentError, type AgentEvent, type Answer, type Ask, type Question, type Turn } from "@bough/agent";
import { Transcript } from "../transcript/transcript.ts";

/** How the work in a tab stands, for a person who looks at its name. */
export type TabState = "idle" | "running" | "waiting" | "failed" | "merged";

/** What the agent needs a person's word on before it can go on. */
export interface OpenQuestion {
  readonly question: Question;
  /** When it was put, in milliseconds since the epoch. */
  readonly since: number;
  answer(answer: Answer): void;
}

/** What the replies in a tab took since it was opened. */
export interface Spent {
  readonly tokens: number;
  /** US dollars, when they are known of every reply. */
  readonly cost: number | undefined;
  /** Tokens that the model was told and said last. */
  readonly context: number;
}

/** A sub-agent at work, as far as a tab deals with it. */
export interface Followed {
  readonly branch: string;
  send(text: string): Promise<void>;
  stop(): void;
}

/** What a tab is made with. */
export interface TabOptions {
  readonly id: number;
  /** The tab of the branch that this one forks. */
  readonly parent?: Tab;
  /** The sub-agent that it shows; its session can be gone on with once that has ended. */
  readonly follows?: Followed;
  /** Opens the agent of the tab; a new branch is named after the topic. */
  open(ask: Ask, topic: string): Promise<Agent>;
  /** Whether somebody looks at it now. */
  isLookedAt(tab: Tab): boolean;
  /** Takes what happened on another branch than the tab's, where a sub-agent works. */
  onElsewhere(event: AgentEvent, tab: Tab): void;
  onChange(): void;
  now(): number;
}

/** A line of work as a person follows it: what was said and done, what runs, what is asked, what waits to be sent. */
export class Tab {
  readonly id: number;
  readonly parent: Tab | undefined;
  readonly transcript = new Transcript();
  readonly #options: TabOptions;
  readonly #questions: OpenQuestion[] = [];
  /** What the running turn was told and its model does not know yet. */
  readonly #sent: string[] = [];
  readonly #waiting: string[] = [];
  /** What runs beside a turn. */
  readonly #beside = new Set<AbortController>();
  readonly #works = new Set<Promise<unknown>>();
  #agent: Agent | undefined;
  /** The sub-agent that works on the branch. */
  #followed: Followed | undefined;
  #running: { readonly controller: AbortController; readonly isTurn: boolean } | undefined;
  #last: Turn | undefined;
  /** Whether anything came of it that a branch is worth keeping for. */
  #isWorked = false;
  #isClosed = false;
  #spent: Spent = { tokens: 0, cost: undefined, context: 0 };
  #isMerged = false;
  #isUnread = false;

  constructor(options: TabOptions) {
    this.#options = options;
    this.id = options.id;
    this.parent = options.parent;
    this.#followed = options.follows;
  }

  /** Undefined until the first prompt is there. */
  get agent(): Agent | undefined {
    return this.#agent;
  }

  /** The branch's name after `bough/`, or that there is none yet. */
  get name(): string {
    return this.branch?.replace(/^bough\//, "") ?? "new";
  }

  /** The branch that it shows; undefined until the first prompt is there. */
  get branch(): string | undefined {
    return this.#agent?.branch ?? this.#options.follows?.branch;
  }

  get state(): TabState {
    if (this.questions.length > 0) return "waiting";
    if (this.#running !== undefined || this.#followed !== undefined) return "running";
    if (this.#isMerged) return "merged";
    return this.#last !== undefined && this.#last.stop === "error" ? "failed" : "idle";
  }

  /** Whether anything runs in it. */
  get isBusy(): boolean {
    return this.#running !== undefined || this.#beside.size > 0;
  }

  get spent(): Spent {
    return this.#spent;
  }

  /** Whether something was said since somebody looked. */
  get isUnread(): boolean {
    return this.#isUnread;
  }

  /** What is asked, the first to be answered first: of a sub-agent what the one that was started asks for it. */
  get questions(): readonly OpenQuestion[] {
    return this.#followed === undefined ? this.#questions : this.#askedFor(this.#followed.branch);
  }

  #askedFor(branch: string): readonly OpenQuestion[] {
    const above = this.parent === undefined ? [] : this.parent.#askedFor(branch);
    return [...above, ...this.#questions.filter(({ question }) => question.agent === branch)];
  }

  /** What was typed and no model knows yet: told to the turn that runs, or waiting until nothing runs. */
  get waiting(): readonly string[] {
    return [...this.#sent, ...this.#waiting];
  }

  /** How its last turn ended; undefined before there was one. */
  get lastTurn(): Turn | undefined {
    return this.#last;
  }

  /** Opens the agent, unless it is open; a new branch is named after the topic. */
  async open(topic: string): Promise<Agent> {
    this.#agent ??= await this.#options.open((question, options) => this.#ask(question, options), topic);
    return this.#agent;
  }

  /**
   * Sends a prompt. A turn that runs is told of it, and its model hears it at the end of its step; beside anything else
   * that runs it waits. What goes wrong is told in the transcript.
   */
  async submit(prompt: string): Promise<void> {
    if (this.#followed !== undefined) return this.#steer(prompt);
    if (this.#running === undefined) {
      this.#waiting.push(prompt);
      return this.sendWaiting();
    }
    if (this.#running.isTurn) return this.#steer(prompt);
    this.#waiting.push(prompt);
    this.#options.onChange();
  }

  /** Sends what waits, one prompt after the other, unless something runs that does so when it ends. */
  async sendWaiting(): Promise<void> {
    while (this.#running === undefined && this.#followed === undefined) {
      const prompt = this.#waiting.shift();
      if (prompt === undefined || !(await this.#tracked(this.#run(prompt)))) return;
    }
  }

  /** Does something of the user's that no turn may run beside; throws when something runs. */
  async work<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#running !== undefined) throw new Error("A turn is running here. Wait for it, or stop it with /abort.");
    return this.#tracked(this.#workAlone(work));
  }

  /** Does something of the user's whether a turn runs or not; an abort of the turn is one of it too. */
  async workBeside<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return this.#running === undefined ? this.work(work) : this.#tracked(this.#workAlong(work));
  }

  async #tracked<Result>(work: Promise<Result>): Promise<Result> {
    this.#works.add(work);
    try {
      return await work;
    } finally {
      this.#works.delete(work);
    }
  }

  async #workAlone<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    this.#running = { controller, isTurn: false };
    this.#options.onChange();
    try {
      return await work(controller.signal);
    } finally {
      this.#running = undefined;
      this.#options.onChange();
    }
  }

  async #workAlong<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    this.#beside.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#beside.delete(controller);
    }
  }

  /** Interrupts what runs; what no model knows yet is given back. */
  abort(): readonly string[] {
    const waiting = [...this.#sent.splice(0), ...this.#waiting.splice(0)];
    const reason = new Error("stopped by the user");
    this.#followed?.stop();
    this.#running?.controller.abort(reason);
    for (const controller of this.#beside) controller.abort(reason);
    this.#options.onChange();
    return waiting;
  }

  /** Takes in what happened on its branch, or on one below it. */
  take(event: AgentEvent): void {
    if (event.branch === this.branch) this.#takeOwn(event);
    else this.transcript.takeOfSubAgent(event);
    this.#options.onChange();
  }

  /** Says that the sub-agent it shows has ended; what it was not told goes on with its session, unless it was stopped. */
  async endFollowing({ isMerged, isDone }: { readonly isMerged: boolean; readonly isDone: boolean }): Promise<void> {
    this.#followed = undefined;
    this.#isMerged = isMerged;
    this.#isUnread = !this.#options.isLookedAt(this);
    this.#waiting.unshift(...this.#sent.splice(0));
    this.#options.onChange();
    if (isDone) await this.sendWaiting();
  }

  /** Says that somebody looks at it. */
  look(): void {
    this.#isUnread = false;
  }

  /** Says that its branch went into another. */
  markMerged(): void {
    this.#isMerged = true;
    this.#options.onChange();
  }

  /** Adds what a command of the user's answered. */
  say(title: string, text: string, { isError = false }: { readonly isError?: boolean } = {}): void {
    this.transcript.add({ type: "output", title, text, isError });
    this.#options.onChange();
  }

  /** Opens an entry for what a command of the user's prints while it runs. */
  print(title: string): { write(text: string): void; end(last: { text: string; isError: boolean }): void } {
    const id = this.transcript.add({ type: "output", title, text: "", isError: false, isOpen: true });
    this.#options.onChange();
    return {
      write: (text) => {
        this.transcript.print(id, text);
        this.#options.onChange();
      },
      end: (last) => {
        this.transcript.endOutput(id, last);
        this.#options.onChange();
      },
    };
  }

  /** Interrupts what runs, and resolves when that has ended. */
  async settle(): Promise<void> {
    this.abort();
    await Promise.allSettled(this.#works);
  }

  /** Interrupts what runs, and lets go of the agent. */
  async close(): Promise<void> {
    await this.settle();
    if (this.#isClosed) return;
    const isEmpty = await this.isEmpty();
    this.#isClosed = true;
    if (isEmpty) await this.#agent?.discard();
    else await this.#agent?.close({ worktree: "remove-when-safe" });
  }

  /** Whether its session is one in which nothing was answered and nothing changed; what was changed by hand is committed. */
  async isEmpty(): Promise<boolean> {
    const agent = this.#agent;
    if (agent === undefined || !agent.isNew || this.parent !== undefined || this.#isWorked || this.isBusy) return false;
    if ((await agent.commitByHand()) === undefined) return true;
    this.#isWorked = true;
    return false;
  }

  /**
   * Interrupts what runs, and archives the branch; throws when that would lose something, and lets go of the agent all the
   * same. Resolves to whether there was anything to archive.
   */
  async archive(): Promise<boolean> {
    await this.settle();
    const isEmpty = await this.isEmpty();
    this.#isClosed = true;
    if (isEmpty) await this.#agent?.discard();
    else await this.#agent?.archive();
    return !isEmpty;
  }

  /** Tells the running turn; one that is just ending takes nothing more, and then it waits for the next. */
  async #steer(prompt: string): Promise<void> {
    this.#sent.push(prompt);
    this.#options.onChange();
    try {
      const told = this.#followed ?? this.#agent;
      if (told === undefined) throw new AgentError("not-running", "The session is not open yet.");
      await told.send(prompt);
    } catch (error) {
      const at = this.#sent.indexOf(prompt);
      if (at === -1) return;
      this.#sent.splice(at, 1);
      if (error instanceof AgentError && error.reason === "not-running") {
        this.#waiting.push(prompt);
        return this.sendWaiting();
      }
      this.say("", error instanceof Error ? error.message : String(error), { isError: true });
    }
  }

  /** Resolves to whether the next prompt may follow. */
  async #run(prompt: string): Promise<boolean> {
    const controller = new AbortController();
    this.#running = { controller, isTurn: true };
    // What comes now is in no other branch.
    this.#isMerged = false;
    this.#options.onChange();
    try {
      const agent = await this.open(prompt);
      this.#last = await agent.run(prompt, { signal: controller.signal, onEvent: (event) => this.#hear(event) });
      this.#isWorked ||= this.#last.stop !== "error" || this.#last.replies > 0 || this.#last.text !== "";
      // What an abort gave back is no longer among it.
      const undelivered = this.#last.undelivered.filter((text) => this.#sent.includes(text));
      for (const text of undelivered) this.#sent.splice(this.#sent.indexOf(text), 1);
      this.#waiting.unshift(...undelivered);
      return this.#last.stop === "done";
    } catch (error) {
      // Nothing is lost by it: what was said until then is in git, and the tab can go on.
      this.say("", error instanceof Error ? error.message : String(error), { isError: true });
      return false;
    } finally {
      this.#running = undefined;
      this.#isUnread = !this.#options.isLookedAt(this);
      this.#options.onChange();
    }
  }

  #hear(event: AgentEvent): void {
    this.take(event);
    this.#options.onElsewhere(event, this);
  }

  #takeOwn(event: AgentEvent): void {
    if (event.type === "user-message") this.#sent.shift();
    if (event.type === "step-commit" && event.files.length > 0) this.#isWorked = true;
    if (event.type === "step-reply") this.#spent = spentWith(this.#spent, event);
    this.transcript.take(event, this.#options.now());
  }

  #ask(question: Question, { signal }: { signal: AbortSignal }): Promise<Answer> {
    return new Promise((resolve) => {
      const close = () => {
        signal.removeEventListener("abort", refuse);
        const at = this.#questions.indexOf(open);
        if (at !== -1) this.#questions.splice(at, 1);
        this.#options.onChange();
      };
      const open: OpenQuestion = {
        question,
        since: this.#options.now(),
        answer: (answer) => {
          close();
          resolve(answer);
        },
      };
      // The turn no longer waits for it.
      const refuse = () => open.answer({ allow: false });
      signal.addEventListener("abort", refuse, { once: true });
      this.#questions.push(open);
      this.#options.onChange();
    });
  }
}

function spentWith(before: Spent, { usage, cost }: Extract<AgentEvent, { type: "step-reply" }>): Spent {
  const context = usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
  const isKnown = cost !== undefined && (before.cost !== undefined || before.tokens === 0);
  return { tokens: before.tokens + context, cost: isKnown ? (before.cost ?? 0) + cost : undefined, context };
}
