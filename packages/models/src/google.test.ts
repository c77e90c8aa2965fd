import { startModelServer } from "@bough/test-kit";
import { expect, test } from "vitest";
import { type Message, openModel, type Reply } from "./index.ts";

const tools = [{ name: "Read", description: "Reads", inputSchema: { type: "object" } }];
const says = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });

async function ask(url: string, messages: Message[], id = "gemini-3.8-flash"): Promise<Reply> {
  const model = openModel(`google/${id}`, { env: {}, apiKey: "k", baseUrl: url, retries: 0 });
  for await (const event of model.stream({ system: "", tools, messages }))
    if (event.type === "reply") return event.reply;
  throw new Error("There was no reply.");
}

function answered({ content }: Reply): Message[] {
  const results = content
    .filter((block) => block.type === "call")
    .map(({ id, name, input }) => ({ type: "result" as const, id, name, text: String(input.path) }));
  return [
    { role: "assistant", content },
    { role: "user", content: results },
  ];
}

test("calls of the same name without ids stay apart, and go back without ids", async () => {
  const calls = ["a", "b"].map((path) => ({ name: "Read", input: { path } }));
  await using server = await startModelServer([{ calls }, { calls }, { text: "Fine." }]);
  let messages = [says("Hi")];
  const ids: string[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const reply = await ask(server.url, messages);
    ids.push(...reply.content.flatMap((block) => (block.type === "call" ? [block.id] : [])));
    messages = [...messages, ...answered(reply)];
  }
  await ask(server.url, messages);
  expect(new Set(ids).size).toBe(4);
  expect(JSON.stringify(server.requests[2]?.body)).not.toContain("call_");
});

test("ids that Google gave go back with call and result", async () => {
  const calls = ["a", "b"].map((path) => ({ name: "Read", input: { path }, id: `id-${path}` }));
  await using server = await startModelServer([{ calls }, { text: "Fine." }]);
  const reply = await ask(server.url, [says("Hi")]);
  await ask(server.url, [says("Hi"), ...answered(reply)]);
  expect(server.requests[1]?.messages).toMatchObject([
    {},
    { calls: [{ id: "id-a" }, { id: "id-b" }] },
    {
      results: [
        { id: "id-a", text: "a" },
        { id: "id-b", text: "b" },
      ],
    },
  ]);
});

test("a signature that came on a part of its own goes back on a part of its own", async () => {
  await using server = await startModelServer([{ thinking: "Hm.", text: "All is well." }, { text: "Fine." }]);
  const reply = await ask(server.url, [says("Hi")]);
  expect(reply.content).toMatchObject([
    { type: "thinking", text: "Hm." },
    { type: "text", text: "All is well." },
    { type: "text", text: "", extra: { google: {} } },
  ]);
  await ask(server.url, [says("Hi"), { role: "assistant", content: reply.content }, says("Go on.")]);
  const sent = { text: "", thoughtSignature: expect.any(String) };
  expect(server.requests[1]?.body).toMatchObject({ contents: [{}, { parts: [{ text: "All is well." }, sent] }, {}] });
});

test("calls that another model made carry the value Google names for them, where it looks at it", async () => {
  const call = { type: "call" as const, id: "toolu_1", name: "Read", input: { path: "a" } };
  const messages = [
    says("Hi"),
    ...answered({ content: [call], stop: "calls", usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } }),
  ];
  await using server = await startModelServer([{ text: "Fine." }, { text: "Fine." }]);
  await ask(server.url, messages);
  await ask(server.url, messages, "gemini-2.5-pro");
  const bodies = server.requests.map((request) => JSON.stringify(request.body).includes("context_engineering"));
  expect(bodies).toEqual([true, false]);
});
