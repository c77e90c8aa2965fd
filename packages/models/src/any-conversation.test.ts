import { startModelServer } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AssistantBlock, type Extra, type Message, openModel, type UserBlock } from "./index.ts";

const names = [
  "anthropic/claude-sonnet-5-5",
  "openai/gpt-5.5",
  "openai/gpt-4.1",
  "openai-compatible/local",
  "mistral/devstral",
  "google/gemini-3.8-flash",
  "google/gemini-2.5-pro",
];

const tools = ["Read", "Bash"].map((name) => ({ name, description: name, inputSchema: { type: "object" } }));

// Code units, so that half surrogate pairs, blanks, control and zero-width characters come too.
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom("", " \n", "\ud800", "\udfff!", "\u0000", "\u200b"),
);

// As another wire, or another program, may have left it.
const extra: fc.Arbitrary<Extra | undefined> = fc.option(
  fc.record(
    {
      anthropic: fc.record({ unknown: text }),
      "openai-responses": fc.record({ phase: fc.constant(7) }),
      "openai-chat": fc.record({ provider: fc.constant("deepseek"), field: fc.constant("reasoning_content") }),
      google: fc.record({ id: fc.constant(7) }),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

const said = fc.record({ type: fc.constantFrom("text" as const, "thinking" as const), text, extra });
const call = fc.record({
  name: fc.constantFrom("Read", "Bash"),
  input: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text), fc.dictionary(text, text))),
  malformed: fc.option(text, { nil: undefined }),
  result: text,
  isError: fc.boolean(),
});
const exchange = fc.record({
  blocks: fc.array(said, { maxLength: 4 }),
  calls: fc.array(call, { maxLength: 4 }),
  says: fc.array(text, { maxLength: 2 }),
});

const conversation = fc.record({
  first: text,
  exchanges: fc.array(exchange, { maxLength: 6 }),
  idStyle: fc.constantFrom("toolu_", "functions.Read:", "é/", "x".repeat(60)),
});

function messages({
  first,
  exchanges,
  idStyle,
}: typeof conversation extends fc.Arbitrary<infer T> ? T : never): Message[] {
  let count = 0;
  const pairs = exchanges.flatMap(({ blocks, calls, says }): Message[] => {
    const numbered = calls.map((each) => ({ ...each, id: `${idStyle}${count++}` }));
    const content: AssistantBlock[] = [
      ...blocks,
      ...numbered.map(({ id, name, input, malformed }) => ({ type: "call" as const, id, name, input, malformed })),
    ];
    const answers: UserBlock[] = [
      ...says.map((each) => ({ type: "text" as const, text: each })),
      ...numbered
        .map(({ id, name, result, isError }) => ({ type: "result" as const, id, name, text: result, isError }))
        .reverse(),
    ];
    return [
      { role: "assistant", content },
      { role: "user", content: answers },
    ];
  });
  return [{ role: "user", content: [{ type: "text", text: first }] }, ...pairs];
}

test("any conversation is accepted by every provider, whoever began it", async () => {
  await using server = await startModelServer(() => ({ text: "Fine." }));
  const models = names.map((name) => openModel(name, { env: {}, apiKey: "k", baseUrl: server.url, retries: 0 }));
  await fc.assert(
    fc.asyncProperty(conversation, text, async (generated, system) => {
      for (const model of models) {
        const types: string[] = [];
        for await (const event of model.stream({ system, tools, messages: messages(generated) }))
          types.push(event.type);
        expect(types.at(-1)).toBe("reply");
      }
    }),
    { numRuns: 60 },
  );
});

test("whatever the model says, the next request is accepted with it", async () => {
  const reply = fc.record(
    {
      thinking: fc.string(),
      redacted: fc.boolean(),
      text: fc.string(),
      calls: fc.array(
        fc.record({ name: fc.constantFrom("Read", "Bash"), input: fc.dictionary(fc.string(), fc.jsonValue()) }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...names), reply), { minLength: 1, maxLength: 5 }),
      async (turns) => {
        await using server = await startModelServer([...turns.map(([, answer]) => answer), { text: "Fine." }]);
        const conversation: Message[] = [{ role: "user", content: [{ type: "text", text: "Hi" }] }];
        for (const name of [...turns.map(([name]) => name), turns[0]?.[0] ?? ""]) {
          const model = openModel(name, { env: {}, apiKey: "k", baseUrl: server.url, retries: 0 });
          for await (const event of model.stream({ system: "", tools, messages: conversation })) {
            if (event.type !== "reply") continue;
            const results = event.reply.content
              .filter((block) => block.type === "call")
              .map(({ id, name }) => ({ type: "result" as const, id, name, text: "ok" }));
            const next = results.length > 0 ? results : [{ type: "text" as const, text: "Go on." }];
            conversation.push({ role: "assistant", content: event.reply.content }, { role: "user", content: next });
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
