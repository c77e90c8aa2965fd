import type { StopReason, Turn } from "@bough/agent";
import type { FinishedTurn } from "./output.ts";

const subtypes: Record<StopReason, string> = {
  done: "success",
  refused: "error_during_execution",
  error: "error_during_execution",
  loop: "error_during_execution",
  stopped: "error_during_execution",
  interrupted: "interrupted",
  "turn-limit": "error_max_turns",
  "token-limit": "error_max_tokens",
  "cost-limit": "error_max_budget_usd",
  "time-limit": "error_max_time",
};

/** What came of a turn, in the form that Claude Code's `--output-format json` made common. */
export function resultObject({ agent, turn, isKept, durationMs }: FinishedTurn) {
  const whyNotDone = turn.error?.message ?? turn.why;
  return {
    type: "result",
    subtype: subtypes[turn.stop],
    is_error: turn.stop !== "done",
    result: turn.text,
    stop_reason: turn.stop,
    session_id: agent.session,
    branch: isKept ? agent.branch : null,
    commit: isKept ? turn.commit : null,
    num_turns: turn.replies,
    duration_ms: Math.round(durationMs),
    // What is not known is not zero.
    total_cost_usd: turn.cost ?? null,
    usage: usageObject(turn.usage),
    model: agent.model,
    permission_denials: turn.denials.map(({ id, tool, input }) => ({
      tool_name: tool,
      tool_use_id: id,
      tool_input: input,
    })),
    errors: whyNotDone === undefined ? [] : [whyNotDone],
  };
}

/** Tokens under the names that Claude Code gives them. */
export function usageObject({ input, output, cacheRead, cacheWrite }: Turn["usage"]) {
  return {
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
  };
}
