import { type Extra, MERGED, type MergeResult, type Session, type Side } from "@bough/gitstate";
import type { ResultBlock } from "@bough/models";
import type { RunOptions } from "../agent-options.ts";
import type { Budget } from "../budget.ts";
import type { Turn } from "../end-turn.ts";
import type { AgentEvent, Happening } from "../events.ts";
import type { ToolOutput } from "../tool.ts";
import type { AgentRequest } from "./child-options.ts";
import { AGENT, describeEnding, describeKept, describeLost, describeMerge, type Ending } from "./report.ts";

/** How deep agents can call agents: the one that a person speaks to is at 0. */
const DEEPEST = 3;
/** How many agents a turn of the first one can start, those that they start included. */
const MOST = 64;

/** Where an agent stands in a tree of agents that call each other. */
export interface PlaceInTree {
  readonly depth: number;
  /** Shared by all of a tree. */
  readonly count: { started: number };
}

/** A sub-agent at work. */
export interface SubAgent {
  readonly branch: string;
  readonly task: string;
  /** Those that it has at work itself. */
  readonly children: readonly SubAgent[];
  /** Says something to it, as `Agent.send` does. */
  send(text: string): Promise<void>;
  /** Ends it and those below it. What it did is kept on its branch, and its parent is told. */
  stop(): void;
}

/** An agent as its parent deals with it. */
export interface Child {
  readonly branch: string;
  readonly model: string;
  readonly children: readonly SubAgent[];
  /** Whether it can change nothing. */
  readonly isReadOnly: boolean;
  run(task: string, options: RunOptions): Promise<Turn>;
  send(text: string): Promise<void>;
  /** Names the files that it changed. */
  changed(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a call can do with other agents. */
export interface SubAgentsOfCall {
  /** Has an agent work on a task, and resolves to its answer once what it did is merged. */
  run(request: AgentRequest): Promise<ToolOutput>;
  /** Merges work that is kept on its branch. */
  merge(request: { readonly branch: string; readonly take?: Side | undefined }): Promise<ToolOutput>;
}

/** A call that works with other agents. */
export interface CallApart {
  readonly id: string;
  readonly name: string;
  /** The commit that its agent begins at. */
  readonly from: string;
  /** Settles when the calls before it are answered: work is merged in the order of the calls. */
  readonly before: Promise<unknown>;
  readonly signal: AbortSignal;
  /** Makes an answer durable that holds if no other comes. */
  keepAnswer(result: ResultBlock, beside: Extra): Promise<void>;
}

/** What the sub-agents of a turn work with. */
export interface SubAgentsOptions {
  readonly session: Session;
  readonly place: PlaceInTree;
  /** What all of them together may take. */
  readonly budget: Budget;
  /** Starts one from a commit; throws with why it cannot be. */
  start(request: AgentRequest, from: string): Promise<Child>;
  emit(happening: Happening): void;
  /** Passes on what happens on another branch. */
  forward(event: AgentEvent): void;
}

/** A sub-agent's turn that is over. */
interface Ended {
  readonly ending: Ending;
  readonly changed: readonly string[];
}

/** The sub-agents of a running turn. */
export class SubAgents {
  readonly #options: SubAgentsOptions;
  readonly #live = new Set<SubAgent>();
  #starting: Promise<unknown> = Promise.resolve();

  constructor(options: SubAgentsOptions) {
    this.#options = options;
  }

  /** Those that are at work. */
  get live(): readonly SubAgent[] {
    return [...this.#live];
  }

  /** The commit that agents begin at now. */
  get from(): string {
    return this.#options.session.tip;
  }

  /** What a call can do with other agents. */
  ofCall(call: CallApart): SubAgentsOfCall {
    return { run: (request) => this.#run(request, call), merge: (request) => this.#merge(request, call) };
  }

  async #run(request: AgentRequest, call: CallApart): Promise<ToolOutput> {
    this.#refuseOverLimit();
    this.#refuseTooMany();
    const child = await this.#start(request, call.from);
    const { branch, model } = child;
    this.#options.emit({ type: "agent-start", id: call.id, child: branch, task: request.task, model });
    const ended = await this.#toItsEnd(child, request.task, call);
    await child.close().catch((error: unknown) => {
      this.#options.emit({
        type: "notice",
        text: `${branch}: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
    await call.before;
    return this.#report(child, ended, call);
  }

  /** One after the other, so that they are numbered in the order of their calls. */
  #start(request: AgentRequest, from: string): Promise<Child> {
    const started = this.#starting.then(() => this.#options.start(request, from));
    this.#starting = started.catch(() => {});
    return started;
  }

  /** Whatever goes wrong is the end of this agent and not of its parent. */
  async #toItsEnd(child: Child, task: string, { id, name, signal, keepAnswer }: CallApart): Promise<Ended> {
    try {
      const text = describeLost(child.branch);
      await keepAnswer({ type: "result", id, name, text, isError: true }, { [AGENT]: child.branch });
      const ending = await this.#work(child, task, signal);
      for (const said of ending.undelivered) {
        this.#options.emit({ type: "notice", text: `${child.branch} ended before it was told: ${said}` });
      }
      return { ending, changed: await child.changed() };
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      return { ending: { stop: "error", text: "", error: failure }, changed: [] };
    }
  }

  async #work(child: Child, task: string, signal: AbortSignal): Promise<Turn> {
    const stopped = new AbortController();
    const live: SubAgent = {
      branch: child.branch,
      task,
      get children() {
        return child.children;
      },
      send: (text) => child.send(text),
      stop: () => stopped.abort(),
    };
    this.#live.add(live);
    try {
      return await child.run(task, {
        signal: AbortSignal.any([signal, stopped.signal]),
        onEvent: (event) => this.#options.forward(event),
        budget: this.#options.budget,
      });
    } finally {
      this.#live.delete(live);
    }
  }

  async #report(
    { branch, isReadOnly }: Child,
    { ending, changed }: Ended,
    { id, signal }: CallApart,
  ): Promise<ToolOutput> {
    const { stop } = ending;
    const isDone = stop === "done";
    const isToMerge = isDone && !isReadOnly && !signal.aborted;
    const result = isToMerge ? await this.#options.session.mergeInTurn(branch) : undefined;
    const isConflict = result?.type === "conflict";
    const outcome = result === undefined ? "kept" : isConflict ? "conflict" : "merged";
    this.#options.emit({ type: "agent-end", id, child: branch, stop, outcome });
    const said = result === undefined ? describeKept(branch, { changed, isReadOnly }) : describeMerge(branch, result);
    return {
      text: describeEnding(branch, ending, said),
      isError: !isDone || isConflict,
      recorded: { [AGENT]: branch, ...mergedBy(result) },
    };
  }

  async #merge({ branch, take }: Parameters<SubAgentsOfCall["merge"]>[0], call: CallApart): Promise<ToolOutput> {
    await call.before;
    call.signal.throwIfAborted();
    const result = await this.#options.session.mergeInTurn(branch, { take });
    return {
      text: describeMerge(branch, result),
      isError: result.type === "conflict",
      recorded: { [AGENT]: branch, ...mergedBy(result) },
    };
  }

  /** An agent that may not ask its model once would leave a branch with nothing on it. */
  #refuseOverLimit(): void {
    if (this.#options.budget.check() === undefined) return;
    throw new Error("No agent was started: nothing is left of what this turn may take.");
  }

  #refuseTooMany(): void {
    const { depth, count } = this.#options.place;
    if (depth >= DEEPEST) {
      throw new Error(
        `You were called by an agent that was called itself, ${DEEPEST} deep, and no more: do the task yourself.`,
      );
    }
    if (count.started >= MOST) {
      throw new Error(
        `${MOST} agents were started for the user's prompt, and more are not allowed: do the task yourself.`,
      );
    }
    count.started++;
  }
}

function mergedBy(result: MergeResult | undefined): Extra {
  return result?.type === "merged" ? { [MERGED]: result.commit } : {};
}

/** What only a running turn can give a tool. */
export function demandSubAgents(subAgents: SubAgentsOfCall | undefined): SubAgentsOfCall {
  if (subAgents !== undefined) return subAgents;
  throw new Error("There are no other agents here.");
}
