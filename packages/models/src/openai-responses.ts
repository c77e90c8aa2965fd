import type {
  FunctionTool,
  Response,
  ResponseCreateParamsStreaming,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseOutputText,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import * as z from "zod";
import type { Connection, Send } from "./connection.ts";
import type { AssistantBlock, Message, ModelEvent, ModelRequest, ResultBlock, StopReason, UserBlock } from "./model.ts";
import { openAiClient } from "./openai-client.ts";
import { ReplyDraft } from "./reply-draft.ts";
import { sendable, type WireRules } from "./sendable.ts";

const keptReasoning = z.object({
  id: z.string(),
  encrypted_content: z.string(),
  summary: z.array(z.object({ type: z.literal("summary_text"), text: z.string() })),
});
const keptMessage = z.object({
  id: z.string(),
  phase: z.enum(["commentary", "final_answer"]).optional().catch(undefined),
});
const keptCall = z.object({ id: z.string() });

const rules = (model: string): WireRules => ({
  callId: /^[a-zA-Z0-9_-]{1,64}$/,
  callIdDigits: 32,
  takesImage: () => !/^(gpt-3|gpt-4(-\d|$)|o1-mini|o1-preview|o3-mini)/.test(model),
  returns: ({ type, extra }) =>
    (type === "thinking" ? keptReasoning : keptMessage).safeParse(extra?.["openai-responses"]).success,
});

/** Connects to OpenAI's Responses API. */
export async function connectResponses(connection: Connection): Promise<Send> {
  const client = await openAiClient(connection);
  return async (request, signal) => {
    const events = await client.responses.create(responsesBody(request, connection.id), { signal });
    return replyEvents(events, request);
  };
}

function responsesBody(request: ModelRequest, model: string): ResponseCreateParamsStreaming {
  const { system, tools, messages } = sendable(request, rules(model));
  return {
    model,
    stream: true,
    // Nothing is kept at the provider: the conversation is ours, and reasoning comes back encrypted.
    store: false,
    ...(reasons(model) ? { include: ["reasoning.encrypted_content"] } : {}),
    ...(system.trim() === "" ? {} : { instructions: system }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toolParam) }),
    input: messages.flatMap(inputItems),
  };
}

// Asking a model that does not reason for its encrypted reasoning is an error.
function reasons(model: string): boolean {
  return !/^(ft:)?(gpt-3|gpt-4|chatgpt)|^gpt-5-chat/.test(model);
}

function toolParam(tool: ModelRequest["tools"][number]): FunctionTool {
  return {
    type: "function",
    name: tool.name,
    description: tool.description,
    parameters: tool.inputSchema,
    // Left out it means true here, which refuses every schema with an optional property.
    strict: false,
  };
}

function inputItems(message: Message): ResponseInputItem[] {
  return message.role === "user" ? message.content.map(userItem) : message.content.flatMap(assistantItem);
}

function userItem(block: UserBlock): ResponseInputItem {
  if (block.type === "result") return { type: "function_call_output", call_id: block.id, output: callOutput(block) };
  return { role: "user", content: block.text };
}

function callOutput({ text, image }: ResultBlock): ResponseInputItem.FunctionCallOutput["output"] {
  if (image === undefined) return text;
  const picture = { type: "input_image", image_url: `data:${image.mediaType};base64,${image.data}` } as const;
  return text.trim() === "" ? [picture] : [{ type: "input_text", text }, picture];
}

function assistantItem(block: AssistantBlock): ResponseInputItem[] {
  const extra = block.extra?.["openai-responses"];
  switch (block.type) {
    case "thinking": {
      const reasoning = keptReasoning.safeParse(extra).data;
      return reasoning ? [{ type: "reasoning", ...reasoning }] : [];
    }
    case "text": {
      const item = keptMessage.safeParse(extra).data;
      if (!item) return [{ role: "assistant", content: block.text }];
      const content: ResponseOutputText[] = [{ type: "output_text", text: block.text, annotations: [] }];
      return [{ type: "message", role: "assistant", status: "completed", ...item, content }];
    }
    case "call": {
      const item = keptCall.safeParse(extra).data ?? {};
      const call = { call_id: block.id, name: block.name, arguments: JSON.stringify(block.input) };
      return [{ type: "function_call", ...item, ...call }];
    }
    default:
      return block satisfies never;
  }
}

async function* replyEvents(
  events: AsyncIterable<ResponseStreamEvent>,
  request: ModelRequest,
): AsyncGenerator<ModelEvent> {
  const items = new Map<number, ResponseOutputItem>();
  for await (const event of events) {
    switch (event.type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        if (event.delta !== "") yield { type: "text-delta", text: event.delta };
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        if (event.delta !== "") yield { type: "thinking-delta", text: event.delta };
        break;
      case "response.output_item.done":
        items.set(event.output_index, event.item);
        break;
      case "response.completed":
      case "response.incomplete":
        yield reply(event.response, items, request);
        return;
      case "response.failed":
        throw failed(event.response.error ?? undefined);
      case "error":
        throw failed(event);
    }
  }
}

// In the form in which the SDK throws, so that all failures are told in one place.
function failed(told: { code?: string | null; message: string } | undefined): Error {
  return Object.assign(new Error(told?.message ?? "it gave no reason"), { code: told?.code ?? "server_error" });
}

function reply(response: Response, items: Map<number, ResponseOutputItem>, request: ModelRequest): ModelEvent {
  // The whole has what was cut off too, but some gateways leave it empty.
  const inOrder = [...items].sort(([a], [b]) => a - b).map(([, item]) => item);
  const output = response.output?.length > 0 ? response.output : inOrder;
  const draft = new ReplyDraft("openai-responses", request);
  // An item that followed reasoning is refused without it, unless it comes as one that was never theirs.
  const returnable = output.every((item) => item.type !== "reasoning" || item.encrypted_content);
  for (const item of output) add(draft, item, returnable);
  return draft.finish(stopReason(response, output), usage(response));
}

function add(draft: ReplyDraft, item: ResponseOutputItem, returnable: boolean): void {
  if (item.type === "reasoning") {
    const parts = item.summary.length > 0 ? item.summary : (item.content ?? []);
    drain(draft.thinking(item.id, parts.map((part) => part.text).join("\n\n")));
    const { id, encrypted_content, summary } = item;
    if (encrypted_content) draft.keep(item.id, { id, encrypted_content, summary });
  } else if (item.type === "message") {
    const text = item.content.map((part) => (part.type === "refusal" ? part.refusal : part.text)).join("");
    drain(draft.text(item.id, text));
    if (returnable && text !== "") draft.keep(item.id, { id: item.id, ...(item.phase ? { phase: item.phase } : {}) });
  } else if (item.type === "function_call") {
    draft.call(item.call_id, { id: item.call_id, name: item.name });
    draft.input(item.call_id, item.arguments);
    if (returnable && item.id) draft.keep(item.call_id, { id: item.id });
  }
}

// The deltas of what is now complete have been yielded as they came.
function drain(deltas: Iterable<ModelEvent>): void {
  for (const _ of deltas);
}

function stopReason(response: Response, output: readonly ResponseOutputItem[]): StopReason {
  const reason = response.incomplete_details?.reason;
  if (reason === "content_filter") return "refused";
  if (response.status === "incomplete") return "length";
  const refused = output.some(
    (item) => item.type === "message" && item.content.some((part) => part.type === "refusal"),
  );
  return refused ? "refused" : "end";
}

function usage({ usage }: Response) {
  const cacheRead = usage?.input_tokens_details?.cached_tokens ?? 0;
  const cacheWrite = usage?.input_tokens_details?.cache_write_tokens ?? 0;
  const input = Math.max(0, (usage?.input_tokens ?? 0) - cacheRead - cacheWrite);
  return { input, output: usage?.output_tokens ?? 0, cacheRead, cacheWrite };
}
