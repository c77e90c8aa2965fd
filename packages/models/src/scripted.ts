import { setTimeout as sleep } from "node:timers/promises";
import { ModelError } from "./errors.ts";
import type { AssistantBlock, Model, ModelEvent, ModelRequest, Reply, StopReason, Usage } from "./model.ts";

/** A reply in a script: a text, or blocks with what else is of interest; the rest is derived. */
export type ScriptedReply =
  | string
  | { readonly content: readonly AssistantBlock[]; readonly stop?: StopReason; readonly usage?: Partial<Usage> };

/** What a scripted model does at each request, in order: reply, compute the reply, or throw. */
export type Script = readonly (ScriptedReply | Error | ((request: ModelRequest) => ScriptedReply | Error))[];

/** A model that also shows what it was asked. */
export interface ScriptedModel extends Model {
  readonly requests: readonly ModelRequest[];
}

/**
 * Makes a model that plays a script instead of asking a provider, for tests and for showing the program off line. It
 * streams word by word, with a pause of `delay` milliseconds before each. Past the end of its script it throws.
 */
export function scriptedModel(
  script: Script,
  { name = "scripted/model", delay = 0 }: { name?: string; delay?: number } = {},
): ScriptedModel {
  const requests: ModelRequest[] = [];
  return {
    name,
    requests,
    async *stream(request, { signal } = {}) {
      signal?.throwIfAborted();
      requests.push(request);
      const entry = script[requests.length - 1];
      const played = typeof entry === "function" ? entry(request) : entry;
      if (played === undefined) throw pastTheEnd(name, script.length);
      if (played instanceof Error) throw played;
      const reply = wholeReply(played);
      for (const delta of deltas(reply)) {
        if (delay > 0) await pause(delay, signal);
        signal?.throwIfAborted();
        yield delta;
      }
      yield { type: "reply", reply };
    },
  };
}

function pastTheEnd(name: string, length: number): ModelError {
  const replies = length === 1 ? "1 reply" : `${length} replies`;
  return new ModelError("rejected", `The script of ${name} has ${replies}, and one more was asked for. Add it.`);
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    // The timer wraps the reason of an abort; the caller is promised the reason itself.
    signal?.throwIfAborted();
    throw error;
  }
}

function wholeReply(played: ScriptedReply): Reply {
  const { content, stop, usage } = typeof played === "string" ? textReply(played) : played;
  const wantsTools = content.some((block) => block.type === "call");
  return {
    content,
    stop: stop ?? (wantsTools ? "calls" : "end"),
    usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...usage },
  };
}

function textReply(text: string): Exclude<ScriptedReply, string> {
  return { content: [{ type: "text", text }] };
}

function* deltas(reply: Reply): Generator<ModelEvent> {
  for (const block of reply.content) {
    if (block.type === "call") continue;
    const type = block.type === "text" ? "text-delta" : "thinking-delta";
    for (const [word] of block.text.matchAll(/\s*\S+|\s+$/gu)) yield { type, text: word };
  }
}
