import type { Styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Check } from "./check.ts";

/** Writes a line for each thing that was looked at, and what it comes to. */
export function formatChecks(checks: readonly Check[], look: Styles): string {
  const style = { ready: look.dim, warning: look.bold, blocked: look.alarm } as const;
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, state, message }) => {
    return `${style[state](state.padEnd(7))}  ${name.padEnd(width)}  ${escapeForTerminal(message)}`;
  });
  return `${[...lines, "", conclusion(checks)].join("\n")}\n`;
}

function conclusion(checks: readonly Check[]): string {
  const count = (state: Check["state"]) => checks.filter((check) => check.state === state).length;
  const [blocked, warnings] = [count("blocked"), count("warning")];
  if (blocked + warnings === 0) return "Ready.";
  const told = warnings === 0 ? "" : `${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
  if (blocked === 0) return `Ready, with ${told}.`;
  return `Not ready: ${blocked} blocked${told === "" ? "" : `, ${told}`}.`;
}
