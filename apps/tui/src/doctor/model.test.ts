import { type ModelScript, startModelServer } from "@bough/test-kit";
import { expect, onTestFinished, test } from "vitest";
import type { Check } from "./check.ts";
import { checkAnswer, findModel } from "./model.ts";

/** Asks a model that a server of the test's own plays. */
async function asking(script: ModelScript, patience?: number): Promise<Check> {
  const server = await startModelServer(script);
  onTestFinished(() => server.close());
  return ask(server.url, patience);
}

async function ask(baseUrl: string, patience?: number): Promise<Check> {
  const { model } = findModel({ model: "anthropic/a-model", baseUrl }, { ANTHROPIC_API_KEY: "a-key" });
  if (model === undefined) throw new Error("The model was not opened.");
  return checkAnswer(model, patience);
}

test("nothing to choose from is blocked with the variables that were looked at", () => {
  const { check, model } = findModel({ model: undefined, baseUrl: undefined }, {});
  expect(model).toBeUndefined();
  expect(check).toEqual({
    name: "model",
    state: "blocked",
    message: expect.stringMatching(/^None: looked for --model and for BOUGH_MODEL, ANTHROPIC_API_KEY.*export/),
  });
});

test("an answer is ready, with what it cost", async () => {
  const check = await asking([{ text: "ready", usage: { input: 12, output: 1 } }]);
  expect(check).toMatchObject({
    state: "ready",
    message: expect.stringMatching(/^anthropic\/a-model answered after \d+ ms \(12 tokens in, 1 out\)$/),
  });
});

test("a wrong key is blocked with the variable to check", async () => {
  expect(await asking([{ status: 401 }])).toMatchObject({
    state: "blocked",
    message: expect.stringMatching(/refused the key.*Check ANTHROPIC_API_KEY/),
  });
});

test("a model that is not there, and one that refuses, are blocked", async () => {
  expect(await asking([{ status: 404 }])).toMatchObject({
    state: "blocked",
    message: expect.stringMatching(/no model/),
  });
  expect(await asking([{ stop: "refused" }])).toMatchObject({
    state: "blocked",
    message: expect.stringMatching(/refused to answer/),
  });
});

test("a model that says nothing is not waited for without end", async () => {
  expect(await asking([{ stall: true }], 300)).toMatchObject({
    state: "blocked",
    message: expect.stringMatching(/did not answer within 0\.3 s/),
  });
});

test("an address at which nobody answers is named, with the variable that changes it", async () => {
  const server = await startModelServer([]);
  await server.close();
  expect(await ask(server.url)).toMatchObject({
    state: "blocked",
    message: expect.stringMatching(/^Cannot reach anthropic at .*ANTHROPIC_BASE_URL/),
  });
});
