import { costOf, type Model, type ModelPrice, type ModelRequest, type Usage } from "@bough/models";
import type { Happening } from "../events.ts";
import { addUsage, NO_USAGE } from "../usage.ts";
import type { OldPart, Projection } from "./projection.ts";
import { atMost, summarize } from "./summarize.ts";
import type { SummaryBlock } from "./summary-record.ts";
import { withPrompts } from "./summary-text.ts";

/** Shares of the window: of what one request for a summary holds, of the summary, and of the prompts beside it. */
const [REQUEST, SUMMARY, PROMPTS] = [0.7, 0.15, 0.1];

/** For who reads the history; the model is shown the results as they are then. */
const SHORTENED = "The results of all earlier steps are sent shortened from here on.";

/** How room is made in a conversation. */
export interface MakeRoomOptions {
  /** The step that the summary is to stand in. */
  readonly step: number;
  /** `usual`: the last steps stay · `hard`: but for one, and their results are shortened · `all`: nothing stays. */
  readonly keep: "usual" | "hard" | "all";
  /** The size at which the provider refused, if it did. */
  readonly refusedAt?: number;
  readonly model: Model;
  /** What the model costs, where that is known. */
  readonly price: ModelPrice | undefined;
  readonly beside: Pick<ModelRequest, "system" | "tools">;
  readonly instructions?: string;
  readonly signal: AbortSignal;
}

/** What is to be recorded and told of it. */
export interface MadeRoom {
  readonly block: SummaryBlock;
  /** The steps that are summarized; undefined when results were shortened only. */
  readonly steps: Pick<OldPart, "from" | "to"> | undefined;
  readonly usage: Usage;
  /** US dollars; undefined when it is not known. */
  readonly cost: number | undefined;
  /** Why there is no summary, when there should be one. */
  readonly failure?: string;
}

/**
 * Has the oldest part of a conversation summarized; where that fails, all old results are shortened instead. Resolves to
 * undefined when neither would win anything.
 */
export async function makeRoom(projection: Projection, options: MakeRoomOptions): Promise<MadeRoom | undefined> {
  const { step, keep, model, price, refusedAt, signal } = options;
  const known = refusedAt === undefined ? {} : { overflow: refusedAt };
  const hard = keep === "hard" ? { hard: step - 1 } : {};
  const part = projection.oldPart(keep);
  if (part === undefined) {
    if (keep !== "hard" || !projection.hasLongResults) return undefined;
    const extra = { ...hard, ...known, model: model.name };
    return { block: { type: "summary", text: SHORTENED, extra }, steps: undefined, usage: NO_USAGE, cost: 0 };
  }
  let usage = NO_USAGE;
  let cost = price && 0;
  const onUsage = (each: Usage) => {
    usage = addUsage(usage, each);
    cost = price && (cost ?? 0) + costOf(each, price);
  };
  const spent = () => ({ model: model.name, usage: { ...usage, ...(cost === undefined ? {} : { cost }) } });
  const { from, to } = part;
  try {
    const summary = await summarize({ ...options, ...part, most: mostOf(projection, refusedAt), onUsage });
    const text = withPrompts(atMost(summary, projection.window * SUMMARY), part.prompts, projection.window * PROMPTS);
    const extra = { from, to, ...hard, ...known, ...spent() };
    return { block: { type: "summary", text, extra }, steps: { from, to }, usage, cost };
  } catch (error) {
    signal.throwIfAborted();
    const extra = { hard: step - 1, ...known, ...spent() };
    const failure = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
    return { block: { type: "summary", text: SHORTENED, extra }, steps: undefined, usage, cost, failure };
  }
}

/** Estimated tokens that the messages of one request may have; where the provider refused, that much was too many. */
function mostOf(projection: Projection, refusedAt = Number.POSITIVE_INFINITY): number {
  const most = Math.min(projection.window, refusedAt) * REQUEST - projection.fixed;
  return Math.max(most, projection.window * SUMMARY);
}

/** Tells of the room that was made. */
export function describeRoom(made: MadeRoom, { before, after }: { before: number; after: number }): Happening {
  if (made.steps !== undefined)
    return { type: "summary", ...made.steps, before, after, usage: made.usage, cost: made.cost };
  const why = made.failure === undefined ? "" : ` could not be summarized (${made.failure}). It`;
  return {
    type: "notice",
    text: `The conversation${why} is sent with the results of all earlier steps shortened, to make room.`,
  };
}
