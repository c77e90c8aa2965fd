import {
  type AssistantBlock,
  costOf,
  type Message,
  type Model,
  type ModelPrice,
  type ModelRequest,
  type Reply,
} from "@bough/models";
import type { Budget, LimitReached } from "./budget.ts";
import type { Happening } from "./events.ts";
import { Forecast } from "./forecast.ts";

/** What the model of a turn is asked with. */
export interface AskOptions {
  readonly model: Model;
  readonly budget: Budget;
  /** What the model costs, where that is known. */
  readonly price: ModelPrice | undefined;
  /** Settles when what is sent is durable; nothing of an answer is shown before. */
  readonly opened: Promise<unknown>;
  readonly signal: AbortSignal;
  emit(happening: Happening): void;
}

/** What came of asking the model, if a limit let it be asked. */
export type Answer =
  | (Extract<Heard, { type: "reply" }> & { readonly cost: number | undefined })
  | Extract<Heard, { type: "cut" }>
  | { readonly type: "over"; readonly reached: LimitReached; readonly error?: undefined };

type Heard =
  | { readonly type: "reply"; readonly reply: Reply; readonly error?: undefined }
  | { readonly type: "cut"; readonly content: readonly AssistantBlock[]; readonly error?: Error };

/** Asks the model of a turn, within its budget: what a request will take is known, as far as it can be, before it is sent. */
export class Asker {
  readonly #options: AskOptions;
  readonly #forecast: Forecast | undefined;

  constructor(options: AskOptions) {
    const { budget, price } = options;
    this.#options = options;
    this.#forecast = budget.isLimited("tokens") || budget.isLimited("cost") ? new Forecast(price) : undefined;
  }

  /** Sends a request unless a limit forbids it, and hears the answer out. */
  async ask(beside: Pick<ModelRequest, "system" | "tools">, messages: readonly Message[]): Promise<Answer> {
    const { budget, price, signal } = this.#options;
    const request = { ...beside, messages };
    const expected = this.#forecast?.of(request);
    const reached = signal.aborted ? undefined : budget.check(expected);
    if (reached !== undefined) return { type: "over", reached };
    const opened = budget.open(expected);
    const heard = await listen(request, this.#options);
    if (heard.type === "cut") {
      opened.settle();
      return heard;
    }
    const { usage } = heard.reply;
    const cost = price && costOf(usage, price);
    opened.settle({ usage, cost });
    this.#forecast?.learn(request, usage);
    return { ...heard, cost };
  }
}

/** Hears the model out; of a reply that was cut short the words are kept, they were seen. */
async function listen(request: ModelRequest, { model, signal, emit, opened }: AskOptions): Promise<Heard> {
  let text = "";
  const cut = (error?: Error): Heard => ({
    type: "cut",
    content: text === "" ? [] : [{ type: "text", text }],
    ...(error === undefined ? {} : { error }),
  });
  try {
    for await (const event of model.stream(request, { signal })) {
      await opened;
      if (event.type === "reply") return { type: "reply", reply: event.reply };
      if (event.type === "text-delta") text += event.text;
      emit(event);
    }
    return cut(new Error(`${model.name} ended its answer without a reply.`));
  } catch (error) {
    if (signal.aborted) return cut();
    return cut(error instanceof Error ? error : new Error(String(error)));
  }
}
