import type { Usage } from "@bough/models";
import { checkLimits, type Limits } from "./limits.ts";

/** Which limit was reached; it may be one that several agents have in common. */
export interface LimitReached {
  readonly stop: "turn-limit" | "token-limit" | "cost-limit" | "time-limit";
  /** How much was allowed: replies, tokens, US dollars or seconds. */
  readonly limit: number;
  /** Whether it was set for more agents than the one that asked. */
  readonly isShared: boolean;
}

/** What a request is known to take before it is sent. */
export interface Expected {
  readonly tokens: number;
  /** US dollars. */
  readonly cost: number;
}

/** What a reply took. */
export interface Spending {
  readonly usage: Usage;
  /** US dollars; undefined when the model's price is not known. */
  readonly cost: number | undefined;
}

/** What was spent so far. */
export interface Spent {
  readonly replies: number;
  readonly tokens: number;
  /** US dollars; undefined as soon as one reply's cost is not known. */
  readonly cost: number | undefined;
}

/** A request on its way; its share of the budget is taken until it is settled. */
export interface OpenRequest {
  /** Counts what the reply took; without a reply the share is given back. */
  settle(spending?: Spending): void;
}

const NOTHING: Expected = { tokens: 0, cost: 0 };

/**
 * What a run may take and has taken; its time begins when it is made. What a child spends counts for all above it, and a
 * child is bounded by its own limits and by what is left of each budget above.
 */
export class Budget {
  readonly limits: Limits;
  /** Aborts when the time of this budget, or of one above, is over; undefined when none of them limits it. */
  readonly deadline: AbortSignal | undefined;
  readonly #parent: Budget | undefined;
  readonly #ownDeadline: AbortSignal | undefined;
  readonly #open = new Set<Expected>();
  #spent: Spent = { replies: 0, tokens: 0, cost: 0 };

  constructor(limits: Limits = {}, parent?: Budget) {
    this.limits = checkLimits(limits);
    this.#parent = parent;
    this.#ownDeadline = limits.seconds === undefined ? undefined : AbortSignal.timeout(limits.seconds * 1000);
    const deadlines = [this.#ownDeadline, parent?.deadline].filter((signal) => signal !== undefined);
    this.deadline = deadlines.length < 2 ? deadlines[0] : AbortSignal.any(deadlines);
  }

  /** Makes a budget out of what is left of this one; limits beyond that have no effect. */
  child(limits?: Limits): Budget {
    return new Budget(limits, this);
  }

  /** What this budget and all below it spent. */
  get spent(): Spent {
    return this.#spent;
  }

  /** Whether a limit of this kind holds here. */
  isLimited(kind: keyof Limits): boolean {
    return this.limits[kind] !== undefined || (this.#parent?.isLimited(kind) ?? false);
  }

  /** Says which limit a request would exceed, if it is known to; what is on its way counts as spent. */
  check(next: Expected = NOTHING): LimitReached | undefined {
    return this.#timeIsOver(false) ?? this.#check(next, false);
  }

  /** Takes the share of a request that was checked and is sent now. */
  open(expected: Expected = NOTHING): OpenRequest {
    const request = { ...expected };
    const path = this.#upwards();
    for (const budget of path) budget.#open.add(request);
    return {
      settle: (spending) => {
        for (const budget of path) {
          if (budget.#open.delete(request) && spending !== undefined) budget.#spent = add(budget.#spent, spending);
        }
      },
    };
  }

  #upwards(): Budget[] {
    return this.#parent === undefined ? [this] : [this, ...this.#parent.#upwards()];
  }

  #timeIsOver(isShared: boolean): LimitReached | undefined {
    const { seconds } = this.limits;
    const isOver = seconds !== undefined && this.#ownDeadline?.aborted === true;
    if (isOver) return { stop: "time-limit", limit: seconds, isShared };
    return this.#parent === undefined ? undefined : this.#parent.#timeIsOver(true);
  }

  #check(next: Expected, isShared: boolean): LimitReached | undefined {
    const { replies, tokens, cost } = this.limits;
    const reached = (stop: LimitReached["stop"], limit: number): LimitReached => ({ stop, limit, isShared });
    const open = [...this.#open];
    if (replies !== undefined && this.#spent.replies + open.length >= replies) return reached("turn-limit", replies);
    if (
      tokens !== undefined &&
      isOver(
        tokens,
        this.#spent.tokens,
        [...open, next].map((each) => each.tokens),
      )
    ) {
      return reached("token-limit", tokens);
    }
    if (
      cost !== undefined &&
      isOver(
        cost,
        this.#spent.cost,
        [...open, next].map((each) => each.cost),
      )
    ) {
      return reached("cost-limit", cost);
    }
    return this.#parent === undefined ? undefined : this.#parent.#check(next, true);
  }
}

/** What is not known may be any amount, so it is over every limit. */
function isOver(limit: number, spent: number | undefined, coming: readonly number[]): boolean {
  if (spent === undefined || spent >= limit) return true;
  return coming.reduce((sum, each) => sum + each, spent) > limit;
}

function add(spent: Spent, { usage, cost }: Spending): Spent {
  const { input, output, cacheRead, cacheWrite } = usage;
  return {
    replies: spent.replies + 1,
    tokens: spent.tokens + input + output + cacheRead + cacheWrite,
    cost: spent.cost === undefined || cost === undefined ? undefined : spent.cost + cost,
  };
}
