import type { Connect, Connection, Send } from "./connection.ts";
import { ModelError } from "./errors.ts";
import { brokenStream, modelError, type Phase } from "./failure.ts";
import type { Model, ModelEvent, ModelRequest, Wire } from "./model.ts";
import { nearestWord } from "./nearest-word.ts";
import { type Environment, firstSet, type Provider, providers } from "./providers.ts";

export interface OpenOptions {
  /** Where keys and base URLs are looked up; the process environment itself is never read. */
  readonly env: Environment;
  /** Used instead of the provider's key variables. */
  readonly apiKey?: string;
  /** Used instead of the provider's base URL variable. */
  readonly baseUrl?: string;
  /** How often a request that failed for a passing reason is sent again, with growing pauses; 2 unless told. */
  readonly retries?: number;
}

// An SDK is loaded when a model of its kind is opened, and only that one.
const wires: Record<Wire, () => Promise<Connect>> = {
  anthropic: async () => (await import("./anthropic.ts")).connectAnthropic,
  "openai-responses": async () => (await import("./openai-responses.ts")).connectResponses,
  "openai-chat": async () => (await import("./openai-chat.ts")).connectChat,
  google: async () => (await import("./google.ts")).connectGoogle,
};

/**
 * Opens a model by its name, `<provider>/<id>`. Throws a {@link ModelError} at once when the provider is unknown, its
 * key is missing or its address is none; whether the model exists and the key is valid shows at the first request.
 */
export function openModel(name: string, options: OpenOptions): Model {
  const { provider, id } = parseName(name);
  const connection: Connection = {
    name,
    id,
    provider,
    apiKey: apiKey(name, provider, options),
    baseUrl: baseUrl(name, provider, options),
    retries: options.retries ?? 2,
  };
  // Whoever opens a model will ask it soon; the SDK loads while they get ready.
  const send = wires[provider.wire]().then((connect) => connect(connection));
  // Node loads its fetch when that is first touched, which takes half as long as an SDK.
  send.then(() => new Headers()).catch(() => {});
  return {
    name,
    async *stream(request, { signal } = {}) {
      signal?.throwIfAborted();
      yield* answer(await send, connection, request, signal);
    },
  };
}

async function* answer(
  send: Send,
  connection: Connection,
  request: ModelRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<ModelEvent> {
  // Of our own, so that a consumer who stops early ends the request too.
  const over = new AbortController();
  const ended = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const aborted = rejection(ended);
  let phase: Phase = "request";
  try {
    const events = await Promise.race([send(request, ended), aborted]);
    phase = "answer";
    const iterator = events[Symbol.asyncIterator]();
    for (;;) {
      // The SDKs notice an abort late, while they wait for the next try, or take it for the end of the answer.
      const next = await Promise.race([iterator.next(), aborted]);
      signal?.throwIfAborted();
      if (next.done) break;
      yield next.value;
      if (next.value.type === "reply") return;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw modelError(error, connection, phase);
  } finally {
    over.abort();
  }
  throw brokenStream(connection, "the connection closed early");
}

function rejection(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  // It is raced, and must not count as unhandled when nobody races any more.
  promise.catch(() => {});
  return promise;
}

function parseName(name: string): { provider: Provider; id: string } {
  const slash = name.indexOf("/");
  if (slash < 0) throw new ModelError("unknown-model", bareName(name));
  const prefix = name.slice(0, slash);
  const provider = providers.find((candidate) => candidate.name === prefix);
  if (!provider) throw new ModelError("unknown-model", unknownProvider(name, prefix));
  const id = name.slice(slash + 1);
  if (id.trim() === "") throw new ModelError("unknown-model", `"${name}" names no model. ${howToWrite(provider)}`);
  return { provider, id };
}

function bareName(name: string): string {
  const exact = providers.find((provider) => provider.name === name);
  if (exact) return `"${name}" is a provider and names no model. ${howToWrite(exact)}`;
  const owner = providers.find((provider) => provider.ids?.test(name));
  const written = owner ? `Write ${owner.name}/${name}.` : `Write it as <provider>/<id>. ${known()}`;
  return `The model "${name}" names no provider. ${written}`;
}

function unknownProvider(name: string, prefix: string): string {
  const near = nearestWord(
    prefix,
    providers.map((provider) => provider.name),
  );
  const meant = near ? ` Did you mean ${near}/${name.slice(prefix.length + 1)}?` : "";
  return `There is no provider "${prefix}" for the model "${name}".${meant} ${known()}`;
}

function howToWrite(provider: Provider): string {
  return `Write it as ${provider.name}/<id>${provider.defaultModel ? `, like ${provider.name}/${provider.defaultModel}` : ""}.`;
}

function known(): string {
  return `The providers are ${providers.map((provider) => provider.name).join(", ")}.`;
}

function apiKey(name: string, provider: Provider, options: OpenOptions): string {
  const key = options.apiKey?.trim() || firstSet(provider.keys, options.env)?.value;
  if (key && !/^[!-~]+$/.test(key)) {
    throw new ModelError(
      "missing-key",
      `${name} needs a key, and the one given holds a character that no key has. Set ${provider.keys[0]} again.`,
    );
  }
  if (key) return key;
  if (provider.keyless) return "";
  const variables = provider.keys.join(" or ");
  throw new ModelError(
    "missing-key",
    `${name} needs a key, and ${variables} is not set. Set it in your shell (export ${provider.keys[0]}=…): .env files are not read.`,
  );
}

function baseUrl(name: string, provider: Provider, options: OpenOptions): string {
  const variable = provider.baseUrlVariable;
  const url = options.baseUrl?.trim() || firstSet([variable], options.env)?.value || provider.baseUrl;
  if (!url) {
    const example = "http://127.0.0.1:8000/v1";
    throw new ModelError("unreachable", `${name} needs an address. Set ${variable} to the server's, like ${example}.`);
  }
  const { protocol, username, password } = URL.parse(url) ?? {};
  if (username || password) {
    const message = `The address of ${provider.name} holds a user name or password. Take it out of ${variable} and set the key in ${provider.keys[0]}.`;
    throw new ModelError("unreachable", message);
  }
  if (protocol !== "http:" && protocol !== "https:") {
    const example = provider.baseUrl ?? "http://127.0.0.1:8000/v1";
    throw new ModelError(
      "unreachable",
      `"${url}" is no address of ${provider.name}. Correct ${variable} or the base URL you gave, like ${example}.`,
    );
  }
  return url.replace(/\/+$/, "");
}
