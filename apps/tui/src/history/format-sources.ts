import type { ContextSource } from "@bough/agent";
import { escapeForTerminal } from "../terminal-text.ts";

/** Lists what a model is told, each with its tokens, and then the sum. */
export function formatSources(sources: readonly ContextSource[]): string {
  const tokens = sources.reduce((sum, each) => sum + each.tokens, 0);
  const lines = [
    ...sources.map((source) => ({ tokens: source.tokens, what: describe(source) })),
    { tokens, what: "in all, estimated at 3.5 bytes a token: each model counts its own way" },
  ];
  const width = Math.max(...lines.map((line) => String(line.tokens).length));
  return lines.map((line) => `${String(line.tokens).padStart(width)}  ${escapeForTerminal(line.what)}\n`).join("");
}

function describe({ kind, name, isCut }: ContextSource): string {
  const what = kind === "tool" ? `tool ${name}` : name;
  return isCut ? `${what} (cut)` : what;
}
