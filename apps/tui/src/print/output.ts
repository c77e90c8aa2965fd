import type { Agent, AgentEvent, Turn } from "@bough/agent";
import type { PrintCommand } from "../command-line/parse.ts";
import type { Streams } from "../streams.ts";
import { JsonOutput } from "./json-output.ts";
import { StreamJsonOutput } from "./stream-json-output.ts";
import { TextOutput } from "./text-output.ts";

/** A turn that is over. */
export interface FinishedTurn {
  readonly agent: Agent;
  readonly turn: Turn;
  /** Whether there is a branch; none is left of a session that the model never answered in. */
  readonly isKept: boolean;
  readonly durationMs: number;
}

/** What is told of a turn, and in which form. */
export interface Output {
  start(agent: Agent): void;
  event(event: AgentEvent): void;
  end(finished: FinishedTurn): void;
}

/** Chooses the form that was asked for. */
export function openOutput(
  { outputFormat, includePartialMessages }: Pick<PrintCommand, "outputFormat" | "includePartialMessages">,
  streams: Streams,
): Output {
  switch (outputFormat) {
    case "text":
      return new TextOutput(streams);
    case "json":
      return new JsonOutput(streams);
    case "stream-json":
      return new StreamJsonOutput(streams, { includePartialMessages });
    default:
      return outputFormat satisfies never;
  }
}
