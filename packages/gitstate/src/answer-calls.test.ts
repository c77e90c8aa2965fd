import { expect, test } from "vitest";
import { answerCalls } from "./answer-calls.ts";
import type { Step } from "./fold.ts";
import type { Block } from "./step-record.ts";

const call = (id: string): Block => ({ type: "call", name: "Agent", id, text: "{}" });
const result = (id: string, text = `done ${id}`): Block => ({ type: "result", name: "Agent", id, text });
const interrupted = (id: string): Block => ({ ...result(id, "interrupted"), extra: { error: true } });
const prompt: Block = { type: "user", text: "Go on" };
const reply: Block = { type: "assistant", text: "I go on." };

function answered(...steps: readonly (readonly Block[])[]): (readonly Block[])[] {
  const entries = steps.map(
    (blocks, i): Step => ({ type: "step", commit: "c", session: "s", step: i, turn: 1, blocks }),
  );
  return answerCalls(entries).flatMap((entry) => (entry.type === "step" ? [entry.blocks] : []));
}

test("the step after may hold the answers of some of the calls", () => {
  const steps = [[call("1"), call("2"), result("1")], [result("2")]];
  expect(answered(...steps)).toEqual(steps);
});

test("a commit of the user's in between makes no difference", () => {
  const outside = { type: "outside", commit: "c", subject: "By hand", author: "Ada" } as const;
  const step = (number: number, blocks: Block[]): Step => ({
    type: "step",
    commit: "c",
    session: "s",
    step: number,
    turn: 1,
    blocks,
  });
  const entries = [step(1, [call("1")]), outside, step(2, [result("1")])];
  expect(answerCalls(entries)).toEqual(entries);
});

test("a call whose answer came after the next reply, or not at all, was interrupted", () => {
  expect(answered([call("1")], [prompt, reply], [result("1")])).toEqual([
    [call("1"), interrupted("1")],
    [prompt, reply],
    [],
  ]);
  expect(answered([call("1")], [prompt])).toEqual([[call("1"), interrupted("1")], [prompt]]);
});

test("what came before a summary is not answered after it", () => {
  const summary: Block = { type: "summary", text: "All is well." };
  expect(answered([call("1")], [summary], [result("1")])).toEqual([[call("1"), interrupted("1")], [summary], []]);
});

test("where two calls have one id, the answer is that of the later one", () => {
  expect(answered([call("1")], [call("1")], [result("1")])).toEqual([
    [call("1"), interrupted("1")],
    [call("1")],
    [result("1")],
  ]);
});
