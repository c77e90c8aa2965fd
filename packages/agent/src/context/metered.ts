import { costOf, type Model, type ModelPrice } from "@bough/models";
import type { Budget } from "../budget.ts";

/** What a model's requests are counted in, and at which price. */
export interface MeterOptions {
  readonly budget: Budget;
  readonly price: ModelPrice | undefined;
}

/** A model that asks nothing when a limit was reached, and whose every reply counts for the budget. */
export function metered(model: Model, { budget, price }: MeterOptions): Model {
  return {
    name: model.name,
    async *stream(request, options) {
      const reached = budget.check();
      if (reached !== undefined) throw new Error(`the ${reached.stop} of ${reached.limit} was reached`);
      const opened = budget.open();
      try {
        for await (const event of model.stream(request, options)) {
          if (event.type === "reply") {
            const { usage } = event.reply;
            opened.settle({ usage, cost: price && costOf(usage, price) });
          }
          yield event;
        }
      } finally {
        // Gives the share back where there was no reply.
        opened.settle();
      }
    },
  };
}
