import { modelPrice } from "@bough/models";
import { AgentError } from "./agent-error.ts";

/** Throws an {@link AgentError} when the price of a model is not known, so that a limit of cost cannot be kept. */
export async function demandPrice(model: string): Promise<void> {
  if ((await modelPrice(model)) !== undefined) return;
  throw new AgentError(
    "unknown-price",
    `The price of ${model} is not known, so its cost cannot be limited (--max-cost). Limit its replies (--max-turns) or its time (--max-time) instead, or name another model.`,
  );
}
