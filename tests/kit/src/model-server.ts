import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ModelScript, ScriptedAnswer, ScriptedFailure } from "./model-script.ts";
import type { Conversation, RecordedRequest } from "./recorded-request.ts";
import { demandWellFormed, Refusal } from "./refusal.ts";
import { type ServerWire, sentBack } from "./wire.ts";
import { anthropicWire } from "./wires/anthropic.ts";
import { googleWire } from "./wires/google.ts";
import { chatWire } from "./wires/openai-chat.ts";
import { responsesWire } from "./wires/openai-responses.ts";

const wires: readonly ServerWire[] = [anthropicWire, responsesWire, chatWire, googleWire];

export interface ModelServerOptions {
  /** The only key that is let in; without it any key is. */
  readonly key?: string;
  /** Tokens that a request may have, four bytes each; a longer one is refused as each provider does. */
  readonly window?: number;
  /** Milliseconds before the first byte of each answer, as a far server takes. */
  readonly latency?: number;
  /** Is told of each request as it arrives. */
  readonly onRequest?: (request: RecordedRequest) => void;
}

/** A model server that runs; `await using` closes it. */
export interface ModelServer extends AsyncDisposable {
  /** The base URL for every wire; what stands between it and the path of the API does not matter. */
  readonly url: string;
  /** The requests so far, in order, the refused ones too. */
  readonly requests: readonly RecordedRequest[];
  /** Resolves to request number n, counted from 1, as soon as it has arrived. */
  request(number: number): Promise<RecordedRequest>;
  /** Resolves when the client of request number n has closed the connection or has been answered. */
  finished(number: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a real HTTP server that plays a script to whichever of the four wires it is asked over, and refuses what the
 * providers refuse, in their words. A refused request uses up nothing of the script.
 */
export async function startModelServer(script: ModelScript, options: ModelServerOptions = {}): Promise<ModelServer> {
  const desk = new Desk(script, options);
  const server = createServer((request, response) => {
    desk
      .serve(request, response)
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A server on TCP has a port.");
  const close = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests: desk.requests,
    request: (number) => desk.arrival(number).request.promise,
    finished: (number) => desk.arrival(number).finished.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Arrival {
  readonly request: PromiseWithResolvers<RecordedRequest>;
  readonly finished: PromiseWithResolvers<void>;
}

class Desk {
  readonly requests: RecordedRequest[] = [];
  readonly #script: ModelScript;
  readonly #options: ModelServerOptions;
  readonly #arrivals = new Map<number, Arrival>();
  readonly #played = new Set<string>();
  #answered = 0;

  constructor(script: ModelScript, options: ModelServerOptions) {
    this.#script = script;
    this.#options = options;
  }

  arrival(number: number): Arrival {
    const known = this.#arrivals.get(number);
    if (known) return known;
    const arrival = { request: Promise.withResolvers<RecordedRequest>(), finished: Promise.withResolvers<void>() };
    this.#arrivals.set(number, arrival);
    return arrival;
  }

  async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? "/", "http://localhost").pathname;
    const text = await bodyOf(incoming);
    const wire = wires.find((candidate) => candidate.path.test(path));
    if (!wire || incoming.method !== "POST") {
      sendJson(response, 404, { error: { message: `No API is served at ${incoming.method} ${path}.` } });
      return;
    }
    const { request, refusal } = this.#record(wire, path, incoming, text);
    const left = new AbortController();
    response.on("close", () => {
      left.abort();
      this.arrival(request.number).finished.resolve();
    });
    this.#options.onRequest?.(request);
    this.arrival(request.number).request.resolve(request);
    if (this.#options.latency) await sleep(this.#options.latency, undefined, { signal: left.signal });
    if (refusal) sendJson(response, refusal.status, wire.error(refusal.status, refusal.message));
    else await this.#play(await this.#next(request), wire, request, response);
  }

  #record(wire: ServerWire, path: string, incoming: IncomingMessage, text: string) {
    let refusal: Refusal | undefined;
    let body: unknown = text;
    let conversation: Conversation = { model: "", system: "", tools: [], messages: [] };
    try {
      this.#checkKey(wire.key(incoming.headers), wire);
      body = json(text);
      demandWellFormed(body);
      conversation = wire.read(body, { path, played: (name) => this.#played.has(name) });
      this.#demandRoom(text, wire);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
    }
    const number = this.requests.length + 1;
    const { headers } = incoming;
    const refused = refusal ? { refused: refusal.message } : {};
    const request: RecordedRequest = { number, wire: wire.name, path, headers, body, ...conversation, ...refused };
    this.requests.push(request);
    return { request, refusal };
  }

  #checkKey(key: string | undefined, wire: ServerWire): void {
    const admitted = this.#options.key === undefined ? Boolean(key) : key === this.#options.key;
    if (!admitted) throw new Refusal(wire.noKey.message, { status: wire.noKey.status });
  }

  #demandRoom(text: string, wire: ServerWire): void {
    const { window = Number.POSITIVE_INFINITY } = this.#options;
    const tokens = Math.ceil(Buffer.byteLength(text) / 4);
    if (tokens > window) throw new Refusal(wire.tooLong(tokens, window));
  }

  async #next(request: RecordedRequest): Promise<ScriptedAnswer> {
    const entry = typeof this.#script === "function" ? this.#script : this.#script[this.#answered++];
    if (entry === undefined) {
      return { status: 400, message: `The script of the model server has no answer for request ${request.number}.` };
    }
    return typeof entry === "function" ? await entry(request) : entry;
  }

  async #play(
    answer: ScriptedAnswer,
    wire: ServerWire,
    request: RecordedRequest,
    response: ServerResponse,
  ): Promise<void> {
    if ("status" in answer) {
      const { status, message = "The script says so.", headers } = answer;
      sendJson(response, status, answer.body ?? wire.error(status, message), headers);
    } else if ("hangUp" in answer || "stall" in answer) {
      await breakOff(answer, wire, request, response);
    } else {
      for (const call of answer.calls ?? []) this.#played.add(sentBack(call.name));
      const { content, end } = wire.events(answer, request.model);
      await stream(response, [...content, ...end]);
      response.end();
    }
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal("The request body is not valid JSON.", { cause: error });
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function stream(response: ServerResponse, events: readonly string[]): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.flushHeaders();
  for (const event of events) {
    // Each piece is a packet of its own, so that the client sees the answer grow.
    await new Promise<void>((resolve) => response.write(event, () => resolve()));
  }
}

type Break = Exclude<ScriptedFailure, { status: number }>;

async function breakOff(
  answer: Break,
  wire: ServerWire,
  request: RecordedRequest,
  response: ServerResponse,
): Promise<void> {
  if ("hangUp" in answer && answer.hangUp === "before") {
    response.destroy();
    return;
  }
  const text = answer.text ?? ("hangUp" in answer ? "This answer breaks off in the middle." : "");
  await stream(response, text === "" ? [] : wire.events({ text }, request.model).content);
  if ("hangUp" in answer) response.destroy();
}
