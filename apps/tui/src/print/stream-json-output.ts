import type { Agent, AgentEvent } from "@bough/agent";
import { jsonLine } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import type { FinishedTurn, Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { resultObject, usageObject } from "./result-object.ts";

/** A line of JSON for each thing that happens, the result last; notices go to standard error. */
export class StreamJsonOutput implements Output {
  readonly #streams: Streams;
  readonly #progress: Progress;
  readonly #partial: boolean;
  #session = "";
  #model = "";
  /** The sub-agents, by their branches: which call each works for, and its model. */
  readonly #subAgents = new Map<string, { readonly call: string; readonly model: string }>();

  constructor(streams: Streams, { includePartialMessages }: { includePartialMessages: boolean }) {
    this.#streams = streams;
    this.#progress = new Progress(streams.stderr);
    this.#partial = includePartialMessages;
  }

  start(agent: Agent): void {
    this.#session = agent.session;
    this.#model = agent.model;
    const { worktree: cwd, branch, model, tools, permissionMode } = agent;
    this.#line({ type: "system", subtype: "init", cwd, branch, model, tools, permissionMode });
  }

  event(event: AgentEvent): void {
    if (event.type === "notice") this.#progress.event(event);
    if (event.type === "agent-start") this.#subAgents.set(event.child, { call: event.id, model: event.model });
    const object = this.#objectOf(event);
    const subAgent = this.#subAgents.get(event.branch);
    const whose = subAgent && { parent_tool_use_id: subAgent.call, branch: event.branch };
    if (object !== undefined) this.#line({ ...object, ...whose });
  }

  #objectOf(event: AgentEvent): object | undefined {
    switch (event.type) {
      case "text-delta":
        return this.#delta({ type: "text_delta", text: event.text });
      case "thinking-delta":
        return this.#delta({ type: "thinking_delta", thinking: event.text });
      case "step-reply":
        return { type: "assistant", message: this.#message(event) };
      case "tool-end": {
        const result = { type: "tool_result", tool_use_id: event.id, content: event.text, is_error: event.isError };
        return { type: "user", message: { role: "user", content: [result] } };
      }
      case "step-commit": {
        const { commit, step, branch } = event;
        return { type: "system", subtype: "commit", commit, step, branch };
      }
      case "user-message":
        return { type: "user", message: { role: "user", content: [{ type: "text", text: event.text }] } };
      case "summary": {
        const { from, to, before: pre_tokens, after: post_tokens } = event;
        const compact_metadata = { trigger: "auto", pre_tokens, post_tokens, first_step: from, last_step: to };
        return { type: "system", subtype: "compact_boundary", compact_metadata };
      }
      default:
        return undefined;
    }
  }

  end(finished: FinishedTurn): void {
    this.#line(resultObject(finished));
  }

  #message({ branch, text, thinking, calls, stop, usage }: Extract<AgentEvent, { type: "step-reply" }>) {
    const content = [
      ...(thinking === "" ? [] : [{ type: "thinking", thinking }]),
      ...(text === "" ? [] : [{ type: "text", text }]),
      ...calls.map(({ id, name, input }) => ({ type: "tool_use", id, name, input })),
    ];
    const stop_reason = { end: "end_turn", calls: "tool_use", length: "max_tokens", refused: "refusal" }[stop];
    const model = this.#subAgents.get(branch)?.model ?? this.#model;
    return { role: "assistant", model, content, stop_reason, usage: usageObject(usage) };
  }

  #delta(delta: object): object | undefined {
    return this.#partial ? { type: "stream_event", event: { type: "content_block_delta", delta } } : undefined;
  }

  #line(object: object): void {
    this.#streams.stdout.write(jsonLine({ ...object, session_id: this.#session }));
  }
}
