import type { NewStep } from "@bough/gitstate";
import * as z from "zod";

const count = z.number().nonnegative().catch(0);
const recorded = z.object({
  usage: z.object({ input: count, output: count, cacheRead: count, cacheWrite: count }),
});

/** How many tokens the provider counted for the request of a step and its reply; 0 where the record does not say. */
export function reportedTokens({ extra }: Pick<NewStep, "extra">): number {
  const usage = recorded.safeParse(extra).data?.usage;
  return usage === undefined ? 0 : usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
}
