import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What a quick model answers: words, or calls. */
export interface QuickReply {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[];
}

/** A request as it is needed to answer it: the first words of its conversation, and how many replies it holds. */
export interface QuickRequest {
  readonly prompt: string;
  readonly replies: number;
}

/** A model server that checks nothing and keeps nothing, so that what is measured is who asks it. */
export interface QuickModel extends AsyncDisposable {
  readonly url: string;
  /** When each request had arrived, and when its answer had been written; `performance.now()`. */
  readonly times: readonly { readonly arrived: number; answered: number }[];
}

/** Starts one that speaks Chat Completions and answers after so many milliseconds. */
export async function startQuickModel(
  answer: (request: QuickRequest, number: number) => QuickReply,
  { latency = 0 }: { readonly latency?: number } = {},
): Promise<QuickModel> {
  const times: { arrived: number; answered: number }[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await bodyOf(incoming);
    const time = { arrived: performance.now(), answered: Number.NaN };
    times.push(time);
    const reply = answer(readRequest(body), times.length);
    if (latency > 0) await sleep(latency);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(eventsOf(reply, Math.ceil(body.length / 4)), () => {
      time.answered = performance.now();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A server on TCP has a port.");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    times,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Reading all of a long conversation as JSON would take longer than what is measured. */
function readRequest(body: string): QuickRequest {
  const prompt = /"role":"user","content":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? "";
  return { prompt, replies: body.split('"role":"assistant"').length - 1 };
}

function eventsOf({ text = null, calls }: QuickReply | (Omit<QuickReply, "text"> & { text: null }), sent: number) {
  const tool_calls = calls?.map(({ name, input }, index) => ({
    index,
    id: `call_${crypto.randomUUID()}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  const chunk = (choices: readonly unknown[], usage?: object) =>
    `data: ${JSON.stringify({ id: "quick", object: "chat.completion.chunk", created: 0, model: "quick", choices, usage })}\n\n`;
  const delta = { role: "assistant", content: text, tool_calls };
  const finish_reason = calls === undefined ? "stop" : "tool_calls";
  const usage = { prompt_tokens: sent, completion_tokens: 100, total_tokens: sent + 100 };
  return [
    chunk([{ index: 0, delta, finish_reason: null }]),
    chunk([{ index: 0, delta: {}, finish_reason }]),
    chunk([], usage),
    "data: [DONE]\n\n",
  ].join("");
}
