import { inspect } from "node:util";
import type { Connection } from "./connection.ts";
import { ModelError, type ModelErrorKind } from "./errors.ts";
import { isRecord } from "./json.ts";

/** Whether the provider had accepted the request when it went wrong. */
export type Phase = "request" | "answer";

/** Turns whatever an SDK threw into the error that tells the user what was attempted, what is wrong and what to do. */
export function modelError(error: unknown, connection: Connection, phase: Phase): ModelError {
  if (error instanceof ModelError) return error;
  const status = isRecord(error) && typeof error.status === "number" ? error.status : undefined;
  const words = legible(providerWords(error).replace(new RegExp(`^${status} `), ""), connection.apiKey);
  const kind = kindOf(error, status, words, phase);
  // Printing an error prints its cause too, and some servers answer with the key that they were sent.
  const cause =
    connection.apiKey !== "" && inspect(error, { depth: 8 }).includes(connection.apiKey) ? undefined : error;
  return new ModelError(kind, sentence(kind, connection, status, words, code(error)), { status, cause });
}

/** The error of an answer that ended without saying that it is complete. */
export function brokenStream(connection: Connection, why: string): ModelError {
  return new ModelError("broken-stream", sentence("broken-stream", connection, undefined, why, undefined));
}

const tooLong =
  /prompt is too long|exceeds? (the|its) (available )?context|context[ _](length|window|limit)|context_length_exceeded|maximum (context|prompt) length|input token count.*exceeds|reduce the length|too large for model|request_too_large|exceed context limit/i;
const noModel =
  /model[\s:"'`].*(not exist|not found|not a valid|not supported for)|model_not_found|invalid model|not a valid model|no such model|unknown model/i;
const badKey = /api[ _-]?key|invalid_api_key|authentication_error|unauthenticated/i;

function kindOf(error: unknown, status: number | undefined, words: string, phase: Phase): ModelErrorKind {
  const named = `${words} ${typeName(error)}`;
  if (status === undefined) return kindWithoutStatus(error, named, phase);
  if (status === 401 || status === 403) return "authentication";
  if (status === 429) return "rate-limit";
  if (status === 408 || status === 409 || status >= 500) return "overloaded";
  if (tooLong.test(named) || status === 413) return "context-overflow";
  if (status === 404 || noModel.test(named)) return "unknown-model";
  return badKey.test(named) ? "authentication" : "rejected";
}

// An error may arrive inside an answer that began well; then only its name tells what it is.
function kindWithoutStatus(error: unknown, named: string, phase: Phase): ModelErrorKind {
  if (tooLong.test(named)) return "context-overflow";
  if (/rate_limit|insufficient_quota/i.test(named)) return "rate-limit";
  if (/overloaded|server_error|api_error|internal|unavailable/i.test(named)) return "overloaded";
  if (/invalid_request|invalid_prompt/i.test(named)) return "rejected";
  if (phase === "answer") return "broken-stream";
  return isNetwork(error) ? "unreachable" : "rejected";
}

function sentence(
  kind: ModelErrorKind,
  { name, provider, baseUrl, id }: Connection,
  status: number | undefined,
  words: string,
  errorCode: string | undefined,
): string {
  const said = [status, words].filter(Boolean).join(": ");
  const told = said ? ` (${said})` : "";
  const key = provider.keys.join(" or ");
  const address = provider.baseUrlVariable;
  switch (kind) {
    case "missing-key":
      return `${name} needs a key. Set ${key}.`;
    case "authentication":
      return `${provider.name} at ${baseUrl} refused the key${told}. Check ${key}, and that it may use "${id}".`;
    case "unknown-model":
      return `${provider.name} has no model "${id}" at ${baseUrl}${told}. Check the id in "${name}", and ${address} if you set it.`;
    case "unreachable": {
      const why = errorCode ?? words;
      const start = provider.keyless ? "Start the server there" : "Check your network";
      return `Cannot reach ${provider.name} at ${baseUrl} (${why}). ${start}, or set ${address} to another address.`;
    }
    case "rate-limit":
      return `${provider.name} lets you ask no more for now${told}. Wait a little, or raise the limit of the key's plan.`;
    case "overloaded":
      return `${provider.name} cannot answer just now${told}. The request is fine: try again in a while.`;
    case "context-overflow":
      return `The conversation is longer than ${name} can read${told}. Shorten it, go back to an earlier step, or choose a model that reads more.`;
    case "rejected":
      return `${provider.name} refused the request to "${id}"${told}. Check that the model can use tools, and ${address} if you set it.`;
    case "broken-stream":
      return `The answer of ${name} broke off before its end${told}. Ask again.`;
    default:
      return kind satisfies never;
  }
}

// The SDKs wrap the body, a body wraps the error, and Google's puts the whole as JSON into the message.
function providerWords(error: unknown): string {
  if (!isRecord(error)) return String(error);
  const message = typeof error.message === "string" ? error.message : "";
  return messageIn(error.error) ?? messageIn(parsed(message)) ?? message;
}

function messageIn(body: unknown): string | undefined {
  if (!isRecord(body)) return typeof body === "string" ? body : undefined;
  return messageIn(body.error) ?? (typeof body.message === "string" ? body.message : undefined);
}

function parsed(text: string): unknown {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}

function typeName(error: unknown): string {
  if (!isRecord(error)) return "";
  const body = isRecord(error.error) && isRecord(error.error.error) ? error.error.error : error.error;
  const inner = isRecord(body) ? [body.type, body.code, body.status] : [];
  return [error.type, error.code, ...inner].filter((name) => typeof name === "string").join(" ");
}

function* chain(error: unknown): Generator<Record<string, unknown>> {
  for (let at = error; isRecord(at); at = at.cause) yield at;
}

function code(error: unknown): string | undefined {
  for (const { code } of chain(error)) if (typeof code === "string") return code;
  return undefined;
}

function isNetwork(error: unknown): boolean {
  return [...chain(error)].some(
    ({ message }) => typeof message === "string" && /fetch failed|timed out|connection error|socket/i.test(message),
  );
}

function legible(words: string, apiKey: string): string {
  const masked = apiKey === "" ? words : words.replaceAll(apiKey, "***");
  if (/^\s*<(!doctype|html)/i.test(masked)) return "it answered with a web page";
  const line = masked
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .replace(/\.$/, "");
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
