import * as z from "zod";
import type { RecordedRequest } from "./recorded-request.ts";

const callSchema = z.strictObject({
  name: z.string(),
  input: z.record(z.string(), z.unknown()).optional(),
  /** The arguments as raw text instead, to play a model that writes broken JSON. Google's wire cannot carry it. */
  raw: z.string().optional(),
  id: z.string().optional(),
});

const usageSchema = z.strictObject({
  input: z.number().optional(),
  output: z.number().optional(),
  cacheRead: z.number().optional(),
  cacheWrite: z.number().optional(),
});

const replySchema = z.strictObject({
  thinking: z.string().optional(),
  /** Adds thinking that only the provider can read, on the wires that have it. */
  redacted: z.boolean().optional(),
  text: z.string().optional(),
  calls: z.array(callSchema).optional(),
  usage: usageSchema.optional(),
  stop: z.enum(["end", "calls", "length", "refused"]).optional(),
});

const failureSchema = z.union([
  /** Answers with an error status; without a body, in the provider's own form. */
  z.strictObject({
    status: z.number().int().min(400).max(599),
    message: z.string().optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** Closes the connection before the first byte, or in the middle of a text. */
  z.strictObject({ hangUp: z.enum(["before", "midway"]), text: z.string().optional() }),
  /** Sends the headers and what there is of text, then nothing until the client leaves. */
  z.strictObject({ stall: z.literal(true), text: z.string().optional() }),
]);

/** What the server answers, whatever the wire: a reply, or one of the ways in which there is none. */
export const answerSchema = z.union([replySchema, failureSchema]);

/** A script as a JSON file holds it. */
export const scriptSchema = z.array(answerSchema);

export type ScriptedCall = z.infer<typeof callSchema>;
export type ScriptedAnswer = z.infer<typeof answerSchema>;
export type ScriptedFailure = z.infer<typeof failureSchema>;
export type ModelReply = z.infer<typeof replySchema>;

type ComputedAnswer = (request: RecordedRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

/** Answers in order, each given or computed from its request; or one function that answers every request. */
export type ModelScript = readonly (ScriptedAnswer | ComputedAnswer)[] | ComputedAnswer;
