import type { LogEntry, LogSteps } from "@bough/gitstate";
import { counted, dollars, sumOf, tokens } from "../../history/amounts.ts";
import type { Page } from "../../history/page.ts";
import { oneLine } from "../../one-line.ts";

/** Writes what each turn took, oldest first, and all of them together. */
export function formatSpent(entries: readonly LogEntry[], what: "tokens" | "cost", { look, width }: Page): string {
  const steps = entries.filter((entry) => entry.type === "steps");
  const turns = [...new Set(steps.map(({ turn }) => turn))].sort((a, b) => a - b);
  if (turns.length === 0) return "Nothing was asked yet.\n";
  const amountOf = what === "tokens" ? tokensOf : costOf;
  const rows = turns.map((turn) => {
    const own = steps.filter((entry) => entry.turn === turn);
    return {
      name: String(turn),
      amount: amountOf(own),
      prompt: own.find(({ prompt }) => prompt !== undefined)?.prompt,
    };
  });
  const all = { name: counted(turns.length, "turn"), amount: amountOf(steps), prompt: undefined };
  const names = Math.max(...[...rows, all].map(({ name }) => name.length));
  const amounts = Math.max(...[...rows, all].map(({ amount }) => amount.length));
  const line = ({ name, amount, prompt = "" }: (typeof rows)[number]) =>
    `${name.padStart(names)}  ${amount.padStart(amounts)}  ${look.dim(oneLine(prompt, width - names - amounts - 4))}`.trimEnd();
  return `${[...rows.map(line), look.bold(line(all))].join("\n")}\n`;
}

function tokensOf(steps: readonly LogSteps[]): string {
  const { usage } = sumOf(steps);
  if (usage === undefined) return "unknown";
  const { input, cacheRead, cacheWrite, output } = usage;
  const sent = `${tokens(input + cacheRead + cacheWrite)} in`;
  const cached = cacheRead === 0 ? "" : ` (${tokens(cacheRead)} from the cache)`;
  return `${sent}${cached}, ${tokens(output)} out`;
}

function costOf(steps: readonly LogSteps[]): string {
  const { cost } = sumOf(steps);
  return cost === undefined ? "unknown" : dollars(cost);
}
