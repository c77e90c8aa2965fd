import { survivalOf, tiers } from "../../packages/agent/src/context/twenty-facts.ts";
import { table } from "./table.ts";
import { throwawayRepository } from "./throwaway.ts";

/** Prints what of twenty facts of a long session is left, with and without `Recall`. */
export async function printFactSurvival(): Promise<void> {
  const survived: (string | number)[][] = [];
  for (const [tier, options] of Object.entries(tiers)) {
    using throwaway = throwawayRepository(1);
    Object.assign(process.env, throwaway.env);
    const { sent, withRecall, summaries } = await survivalOf({ ...options, cwd: throwaway.path, branch: "docks" });
    survived.push([tier, sent, withRecall, summaries]);
  }
  console.log("Of twenty facts told in the first half of a session of 64 steps\n");
  console.log(table(["", "in the request", "with Recall", "summaries"], survived));
}
