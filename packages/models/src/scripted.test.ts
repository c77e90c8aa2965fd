import { expect, test } from "vitest";
import { type ModelEvent, type ModelRequest, scriptedModel } from "./index.ts";

const request: ModelRequest = {
  system: "",
  tools: [],
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
};

async function play(model: ReturnType<typeof scriptedModel>, options?: { signal: AbortSignal }) {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, options)) events.push(event);
  return events;
}

test("a script is played in order, word by word", async () => {
  const call = { type: "call" as const, id: "1", name: "Read", input: {} };
  const model = scriptedModel([
    "All is well. ",
    { content: [{ type: "thinking", text: "Hm." }, call], usage: { output: 3 } },
  ]);
  expect(await play(model)).toEqual([
    { type: "text-delta", text: "All" },
    { type: "text-delta", text: " is" },
    { type: "text-delta", text: " well." },
    { type: "text-delta", text: " " },
    {
      type: "reply",
      reply: {
        content: [{ type: "text", text: "All is well. " }],
        stop: "end",
        usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      },
    },
  ]);
  expect((await play(model)).at(-1)).toMatchObject({
    reply: { content: [{ text: "Hm." }, call], stop: "calls", usage: { output: 3 } },
  });
});

test("an entry may be computed from the request, and may be an error", async () => {
  const model = scriptedModel([(asked) => `${asked.messages.length} message`, new Error("the line is down")]);
  expect((await play(model)).at(-1)).toMatchObject({ reply: { content: [{ text: "1 message" }] } });
  await expect(play(model)).rejects.toThrow("the line is down");
  expect(model.requests).toEqual([request, request]);
});

test("past the end of the script it says so", async () => {
  const model = scriptedModel(["Once."], { name: "scripted/tour" });
  await play(model);
  await expect(play(model)).rejects.toThrow("The script of scripted/tour has 1 reply, and one more was asked for.");
});

test("an abort throws its reason, also in a pause", async () => {
  const controller = new AbortController();
  const played = play(scriptedModel(["A long story."], { delay: 60_000 }), { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(played).rejects.toThrow("enough");
  await expect(play(scriptedModel(["x"]), { signal: AbortSignal.abort("no") })).rejects.toBe("no");
});
