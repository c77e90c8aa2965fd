import type { IncomingHttpHeaders } from "node:http";

/** The four ways in which programs speak to models. */
export type WireName = "anthropic" | "openai-responses" | "openai-chat" | "google";

/** One message of a request, the same whichever wire it came over; what it does not hold is left out. */
export interface RecordedMessage {
  readonly role: "user" | "assistant";
  readonly thinking?: string;
  readonly text?: string;
  readonly calls?: readonly { readonly id?: string; readonly name: string; readonly input: unknown }[];
  readonly results?: readonly RecordedResult[];
}

export interface RecordedResult {
  readonly id?: string;
  readonly name?: string;
  readonly text: string;
  readonly isError?: true;
  /** The picture in it, as a data URL. */
  readonly image?: string;
}

/** What a request asks, free of its wire. */
export interface Conversation {
  readonly model: string;
  readonly system: string;
  readonly tools: readonly string[];
  readonly messages: readonly RecordedMessage[];
}

/** A request that reached the model server, as it came and as what it means. */
export interface RecordedRequest extends Conversation {
  /** Counts all requests from 1, the refused ones too. */
  readonly number: number;
  readonly wire: WireName;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** Why the server refused it, if it did. */
  readonly refused?: string;
}

/** Collects blocks into messages, a message for each stretch of one role. */
export class MessageList {
  readonly #messages: { role: "user" | "assistant"; parts: Part[] }[] = [];

  add(role: "user" | "assistant", ...parts: Part[]): void {
    const last = this.#messages.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.#messages.push({ role, parts: [...parts] });
  }

  list(): RecordedMessage[] {
    return this.#messages.map(({ role, parts }) => {
      const thinking = parts.flatMap((part) => part.thinking ?? []);
      const text = parts.flatMap((part) => part.text ?? []);
      const calls = parts.flatMap((part) => part.call ?? []);
      const results = parts.flatMap((part) => part.result ?? []);
      return {
        role,
        ...(thinking.length > 0 ? { thinking: thinking.join("\n\n") } : {}),
        ...(text.length > 0 ? { text: text.join("\n\n") } : {}),
        ...(calls.length > 0 ? { calls } : {}),
        ...(results.length > 0 ? { results } : {}),
      };
    });
  }
}

interface Part {
  thinking?: string;
  text?: string;
  call?: { id?: string; name: string; input: unknown };
  result?: RecordedResult;
}
