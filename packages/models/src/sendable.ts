import { createHash } from "node:crypto";
import { withFewImages } from "./few-images.ts";
import { wellFormedRecord } from "./json.ts";
import type {
  AssistantBlock,
  CallBlock,
  Image,
  Message,
  ModelRequest,
  ResultBlock,
  TextBlock,
  ThinkingBlock,
  UserBlock,
} from "./model.ts";

/** What a wire takes back. */
export interface WireRules {
  /** How the id of a call may look; one that does not fit, as it came from elsewhere, is replaced by hex digits. */
  readonly callId: RegExp;
  readonly callIdDigits: number;
  /** Whether the model is sent pictures of this kind in the results of calls. */
  takesImage(mediaType: Image["mediaType"]): boolean;
  /** Tells whether the provider gave something with the block that it wants back, which makes it worth sending. */
  returns(block: TextBlock | ThinkingBlock): boolean;
}

/**
 * Makes a conversation one that the wire accepts, whichever wires its messages came over: without blank text, without
 * thinking that is another wire's or that nothing follows, ids and names of calls in the provider's alphabet, results
 * in the order of their calls and before the user's text, roles alternating.
 */
export function sendable(request: ModelRequest, rules: WireRules): ModelRequest {
  const messages: Message[] = [];
  let calls: readonly CallBlock[] = [];
  for (const message of withFewImages(request.messages)) {
    if (message.role === "assistant") {
      const content = assistantContent(message.content, rules);
      calls = content.filter((block) => block.type === "call");
      if (content.length > 0) messages.push({ role: "assistant", content });
      continue;
    }
    const content = userContent(message.content, calls, rules);
    const previous = messages.at(-1);
    // Nothing was left of the assistant's message between the two.
    if (previous?.role === "user") messages.splice(-1, 1, { role: "user", content: [...previous.content, ...content] });
    else messages.push({ role: "user", content });
  }
  return {
    system: request.system.toWellFormed(),
    messages,
    tools: request.tools.map((tool) => ({ ...tool, description: tool.description.toWellFormed() })),
  };
}

function assistantContent(content: readonly AssistantBlock[], rules: WireRules): AssistantBlock[] {
  const kept = content.filter((block) => block.type === "call" || rules.returns(block) || isSaid(block));
  const last = kept.findLastIndex((block) => block.type !== "thinking");
  return kept.slice(0, last + 1).map((block) => {
    if (block.type !== "call") return { ...block, text: block.text.toWellFormed() };
    return { ...block, id: callId(block.id, rules), name: callName(block.name), input: wellFormedRecord(block.input) };
  });
}

function isSaid(block: AssistantBlock): boolean {
  return block.type === "text" && block.text.trim() !== "";
}

function userContent(content: readonly UserBlock[], calls: readonly CallBlock[], rules: WireRules): UserBlock[] {
  const position = (result: ResultBlock) => calls.findIndex((call) => call.id === result.id);
  const results = content
    .filter((block) => block.type === "result")
    .map((block) => {
      const { text, image } = shown(block, rules);
      const [id, name] = [callId(block.id, rules), callName(block.name)];
      return { ...block, id, name, text: text.toWellFormed(), image };
    })
    .sort((a, b) => position(a) - position(b));
  const texts = content
    .filter((block) => block.type === "text")
    .filter((block) => block.text.trim() !== "")
    .map((block) => ({ ...block, text: block.text.toWellFormed() }));
  const blocks = [...results, ...texts];
  return blocks.length > 0 ? blocks : [{ type: "text", text: "(empty message)" }];
}

function shown({ text, image }: ResultBlock, rules: WireRules): Pick<ResultBlock, "text" | "image"> {
  if (image === undefined || rules.takesImage(image.mediaType)) return { text, image };
  return { text: `${text}\n(The picture is not shown: this model is sent none of its kind.)`.trim() };
}

function callId(id: string, { callId, callIdDigits }: WireRules): string {
  return callId.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, callIdDigits);
}

// Models make up names that no provider takes back.
function callName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "unnamed";
}
