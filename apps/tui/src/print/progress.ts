import type { AgentEvent } from "@bough/agent";
import { oneLine } from "../one-line.ts";
import type { Output } from "../streams.ts";
import { type Styles, styles } from "../styles.ts";

/** Tells a person in a line each what an agent does. */
export class Progress {
  readonly #output: Output;
  readonly #styles: Styles;
  /** Branches of sub-agents, of which only is told that they begin and end. */
  readonly #subAgents = new Set<string>();

  constructor(output: Output) {
    this.#output = output;
    this.#styles = styles(output);
  }

  event(event: AgentEvent): void {
    if (event.type === "agent-start") this.#subAgents.add(event.child);
    const line = this.#describe(event);
    if (line !== undefined) this.#output.write(`${line}\n`);
  }

  #describe(event: AgentEvent): string | undefined {
    const { dim, accent, alarm } = this.#styles;
    switch (event.type) {
      case "agent-start":
        return `  ${accent(event.child)} ${dim(oneLine(event.task, 90))}`;
      case "agent-end":
        return `  ${accent(event.child)} ${event.outcome === "conflict" ? alarm("conflict") : dim(event.outcome)}`;
      case "notice":
        return `  ${alarm("!")} ${oneLine(event.text, 400)}`;
      default:
        return this.#subAgents.has(event.branch) ? undefined : this.#describeOwn(event);
    }
  }

  #describeOwn(event: AgentEvent): string | undefined {
    const { dim, accent, alarm } = this.#styles;
    switch (event.type) {
      case "step-reply":
        // The last reply is the answer, which goes to standard output.
        return event.calls.length > 0 && event.text.trim() !== "" ? oneLine(event.text, 200) : undefined;
      case "tool-start":
        return `  ${accent(oneLine(event.name, 60))} ${dim(oneLine(describeInput(event.input), 90))}`;
      case "tool-end":
        return event.isError ? `    ${alarm("✗")} ${dim(oneLine(event.text, 100))}` : undefined;
      case "step-commit":
        return `  ${dim(`${event.commit.slice(0, 9)}  ${oneLine(event.subject, 80)}`)}`;
      case "summary": {
        const { from, to, before, after } = event;
        return `  ${dim(`summarized steps ${from} to ${to}: about ${before.toLocaleString("en")} → ${after.toLocaleString("en")} tokens`)}`;
      }
      default:
        return undefined;
    }
  }
}

/** What a call is about: the first of its inputs that a person would name it by. */
export function describeInput(input: Record<string, unknown>): string {
  for (const key of ["command", "file_path", "pattern", "path", "task", "branch"]) {
    const value = input[key];
    if (typeof value === "string") return value;
  }
  return JSON.stringify(input);
}
