import type { Turn } from "@bough/agent";
import type { PrintCommand } from "../command-line/parse.ts";

/** Says what to do about a turn that ended before the model was done; of an error its own message says it. */
export function whatNext(
  { stop, replies }: Pick<Turn, "stop" | "replies">,
  { branch, maxTurns, maxCost, maxTime }: { branch: string } & Pick<PrintCommand, "maxTurns" | "maxCost" | "maxTime">,
): string {
  const goOn = (...flags: readonly string[]) => `bough ${["-p", "-r", branch, ...flags].join(" ")} "Go on"`;
  const asMuch = (flag: string, amount: number | undefined) =>
    `Go on with as much again: ${goOn(...(amount === undefined ? [] : [flag, String(amount)]))}`;
  switch (stop) {
    case "turn-limit":
      return asMuch("--max-turns", maxTurns);
    case "cost-limit":
      if (replies === 0) return `One request alone costs more. Allow more: ${goOn("--max-cost", "<USD>")}`;
      return asMuch("--max-cost", maxCost);
    case "time-limit":
      return asMuch("--max-time", maxTime);
    case "token-limit":
    case "stopped":
      return `Go on: ${goOn()}`;
    case "interrupted":
      return `What was said and changed until then is kept. Go on: ${goOn()}`;
    case "loop":
      return `Say what to do otherwise: bough -p -r ${branch} "…", or take the turn back: bough rewind --in ${branch} --turns 1`;
    case "refused":
      return `Ask in other words, or another model: bough -p -r ${branch} -m <provider>/<id> "…"`;
    case "done":
    case "error":
      return "";
    default:
      return stop satisfies never;
  }
}
