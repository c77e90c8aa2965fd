import { type Block, formatMessage, type NewStep, type OutsideCommit, parseMessage, type Step } from "@bough/gitstate";
import type { AssistantBlock, Message, ResultBlock } from "@bough/models";
import fc from "fast-check";
import { expect, test } from "vitest";
import { recordReply, recordResults, toMessages } from "./conversation.ts";

const step = (number: number, blocks: readonly Block[]): NewStep => ({ step: number, turn: 1, blocks });
const user = (text: string): Block => ({ type: "user", text });
const assistant = (text: string): Block => ({ type: "assistant", text });
const outside: OutsideCommit = { type: "outside", commit: "a1b2c3d4e5f6a7b8", subject: "Fix typo", author: "Ada" };

test("a turn reads as the user, the reply, the results, the reply", () => {
  const call: AssistantBlock = { type: "call", id: "1", name: "Read", input: { file_path: "a.txt" } };
  const result: ResultBlock = { type: "result", id: "1", name: "Read", text: "gone", isError: true };
  const steps = [
    step(1, [user("What is in it?"), ...recordReply([call]), ...recordResults([result])]),
    step(2, recordReply([{ type: "text", text: "Nothing." }])),
  ];
  expect(toMessages(steps)).toEqual([
    { role: "user", content: [{ type: "text", text: "What is in it?" }] },
    { role: "assistant", content: [{ ...call, extra: {} }] },
    { role: "user", content: [result] },
    { role: "assistant", content: [{ type: "text", text: "Nothing.", extra: undefined }] },
  ]);
});

test("what others committed is told as the user's words, before the prompt that follows", () => {
  expect(toMessages([outside, step(1, [user("Go on")])])).toEqual([
    {
      role: "user",
      content: [
        {
          type: "text",
          text: '[Beside your steps Ada committed a1b2c3d4e5f6 "Fix typo" on this branch. The files are as that left them.]',
        },
        { type: "text", text: "Go on" },
      ],
    },
  ]);
});

test("a note that an answer was interrupted follows the answer", () => {
  const interrupted = step(1, [
    user("Tell me"),
    assistant("Once upon"),
    { type: "note", text: "Interrupted by the user" },
  ]);
  expect(toMessages([interrupted, step(2, [user("Again")])])).toMatchObject([
    { role: "user", content: [{ text: "Tell me" }] },
    { role: "assistant", content: [{ text: "Once upon" }] },
    { role: "user", content: [{ text: "[Interrupted by the user]" }, { text: "Again" }] },
  ]);
});

test("an answer whose prompt somebody dropped from the history still follows the user", () => {
  expect(toMessages([step(2, [assistant("Done.")])]).map(({ role }) => role)).toEqual(["user", "assistant"]);
});

test("arguments that are no object come back as they were written, and count as none", () => {
  const [message] = toMessages([
    step(1, [{ type: "call", name: "Read", id: "1", text: "[1,", extra: { malformed: true } }]),
  ]).slice(1);
  expect(message?.content).toEqual([{ type: "call", id: "1", name: "Read", input: {}, malformed: "[1,", extra: {} }]);
});

// Code units, so that half surrogate pairs, controls and line ends of all kinds come too.
const text = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constantFrom("", "\n", "user\n", "a\r\nb ", "\\"));
const extra = fc.option(fc.record({ anthropic: fc.record({ signature: text }) }), { nil: undefined });
const said = fc.record({
  type: fc.constantFrom("text" as const, "thinking" as const),
  text: text.map((each) => `x${each}`),
  extra,
});
const input = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  fc.oneof(fc.string(), fc.integer(), fc.boolean()),
);
const called = fc.record({
  name: fc.constantFrom("Read", "Bash", "made up!"),
  input: input.map((each) => ({ ...each })),
  result: text,
  isError: fc.boolean(),
});

/** A step as it comes about: now and then with a prompt, and each call with its result. */
const recorded = fc.record({
  prompt: fc.option(text, { nil: undefined }),
  reply: fc.array(said, { maxLength: 3 }),
  calls: fc.array(called, { maxLength: 3 }),
});

let id = 0;
function build({ prompt, reply, calls }: typeof recorded extends fc.Arbitrary<infer T> ? T : never) {
  const numbered = calls.map((call) => ({ ...call, id: `toolu_${id++}` }));
  const content: AssistantBlock[] = [
    ...reply,
    ...numbered.map(({ id, name, input }) => ({ type: "call" as const, id, name, input, extra: {} })),
  ];
  const results: ResultBlock[] = numbered.map(({ id, name, result, isError }) => ({
    type: "result",
    id,
    name,
    text: result,
    isError,
  }));
  const blocks = [...(prompt === undefined ? [] : [user(prompt)]), ...recordReply(content), ...recordResults(results)];
  return { content, results, blocks };
}

test("property: what was recorded, committed and read back is what was said", () => {
  fc.assert(
    fc.property(recorded, (each) => {
      const { content, results, blocks } = build({ ...each, prompt: "Go" });
      const message = formatMessage({ subject: "s", records: [{ session: "0123456789", step: 1, turn: 1, blocks }] });
      const [, reply, answers] = toMessages(parseMessage(message).records);
      expect(reply?.content ?? []).toEqual(content);
      expect(answers?.content ?? []).toEqual(results);
    }),
  );
});

const history = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: recorded.map(build) }, { weight: 1, arbitrary: fc.constant("outside" as const) }),
    { maxLength: 8 },
  )
  .chain((steps) => fc.shuffledSubarray(steps))
  .map((steps): (Step | OutsideCommit)[] =>
    steps.map((each, step) =>
      each === "outside" ? outside : { type: "step", commit: "", session: "s", step, turn: 1, blocks: each.blocks },
    ),
  );

test("property: whatever was dropped or put in another order, roles alternate from the user on and calls are answered", () => {
  fc.assert(
    fc.property(history, (entries) => {
      const messages = toMessages([...entries, step(99, [user("And now?")])]);
      expect(messages.map(({ role }) => role)).toEqual(
        messages.map((_, index) => (index % 2 === 0 ? "user" : "assistant")),
      );
      expect(messages.length % 2).toBe(1);
      for (const [index, message] of messages.entries()) {
        expect(message.content).not.toEqual([]);
        if (message.role === "assistant") expect(resultsOf(messages[index + 1])).toEqual(callsOf(message));
      }
    }),
  );
});

const callsOf = ({ content }: Message) => content.flatMap((block) => (block.type === "call" ? [block.id] : []));
const resultsOf = (message: Message | undefined) =>
  message?.content.flatMap((block) => (block.type === "result" ? [block.id] : []));
