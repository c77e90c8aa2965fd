import type { Agent, AgentEvent, Answer, Ask, Question, Turn } from "@bough/agent";
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

/** What a tab is made with. */
export interface TabOptions {
  readonly id: number;
  /** The tab of the branch that this one forks. */
  readonly parent?: Tab;
  /** Opens the agent of the tab; a new branch is named after the topic. */
  open(ask: Ask, topic: string): Promise<Agent>;
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
  readonly #waiting: string[] = [];
  #agent: Agent | undefined;
  #running: AbortController | undefined;
  #last: Turn | undefined;
  #turn: Promise<unknown> | undefined;
  #isMerged = false;
  #isUnread = false;

  constructor(options: TabOptions) {
    this.#options = options;
    this.id = options.id;
    this.parent = options.parent;
  }

  /** Undefined until the first prompt is there. */
  get agent(): Agent | undefined {
    return this.#agent;
  }

  /** The branch's name after `bough/`, or that there is none yet. */
  get name(): string {
    return this.#agent?.branch.replace(/^bough\//, "") ?? "new";
  }

  get state(): TabState {
    if (this.#questions.length > 0) return "waiting";
    if (this.#running !== undefined) return "running";
    if (this.#isMerged) return "merged";
    return this.#last !== undefined && this.#last.stop === "error" ? "failed" : "idle";
  }

  /** Whether something was said since somebody looked. */
  get isUnread(): boolean {
    return this.#isUnread;
  }

  /** What is asked, the first to be answered first. */
  get questions(): readonly OpenQuestion[] {
    return this.#questions;
  }

  /** Prompts that wait for the turn to end. */
  get waiting(): readonly string[] {
    return this.#waiting;
  }

  /** Opens the agent, unless it is open; a new branch is named after the topic. */
  async open(topic: string): Promise<Agent> {
    this.#agent ??= await this.#options.open((question, options) => this.#ask(question, options), topic);
    return this.#agent;
  }

  /** Sends a prompt, or lets it wait while a turn runs; what goes wrong is told in the transcript. */
  async submit(prompt: string): Promise<void> {
    if (this.#running !== undefined) {
      this.#waiting.push(prompt);
      this.#options.onChange();
      return;
    }
    for (let next: string | undefined = prompt; next !== undefined; next = this.#waiting.shift()) {
      const turn = this.#run(next);
      this.#turn = turn;
      if (!(await turn)) break;
    }
  }

  /** Interrupts what runs; what waits to be sent is given back. */
  abort(): readonly string[] {
    const waiting = this.#waiting.splice(0);
    this.#running?.abort(new Error("stopped by the user"));
    this.#options.onChange();
    return waiting;
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

  /** Interrupts what runs, and resolves when that has ended. */
  async settle(): Promise<void> {
    this.abort();
    await this.#turn;
  }

  /** Interrupts what runs, and lets go of the agent. */
  async close(): Promise<void> {
    this.abort();
    await this.#agent?.close({ worktree: "remove-when-safe" });
  }

  /** Resolves to whether the next prompt may follow. */
  async #run(prompt: string): Promise<boolean> {
    const running = new AbortController();
    this.#running = running;
    this.#options.onChange();
    try {
      const agent = await this.open(prompt);
      this.#last = await agent.run(prompt, { signal: running.signal, onEvent: (event) => this.#take(event) });
      return this.#last.stop === "done";
    } catch (error) {
      // Nothing is lost by it: what was said until then is in git, and the tab can go on.
      this.say("", error instanceof Error ? error.message : String(error), { isError: true });
      return false;
    } finally {
      this.#running = undefined;
      this.#isUnread = true;
      this.#options.onChange();
    }
  }

  #take(event: AgentEvent): void {
    this.transcript.take(event, this.#options.now());
    this.#options.onChange();
  }

  #ask(question: Question, { signal }: { signal: AbortSignal }): Promise<Answer> {
    return new Promise((resolve) => {
      const close = () => {
        signal.removeEventListener("abort", refuse);
        this.#questions.splice(this.#questions.indexOf(open), 1);
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
