import { expect, test } from "vitest";
import { knownModels } from "./known-models.ts";
import { modelLimits, modelPrice } from "./model-facts.ts";
import { providers } from "./providers.ts";

test("a model that is known has a price and limits", async () => {
  expect(await modelPrice("anthropic/claude-sonnet-4-5")).toEqual({
    input: 3,
    output: 15,
    cacheRead: 0.3,
    cacheWrite: 3.75,
  });
  expect(await modelLimits("anthropic/claude-haiku-4-5")).toEqual({ context: 200_000, output: 64_000 });
});

test("a model of a certain day is the one without the day", async () => {
  expect(await modelPrice("anthropic/claude-opus-4-5-20300101")).toEqual(await modelPrice("anthropic/claude-opus-4-5"));
  expect(await modelLimits("openai/gpt-5-2030-01-01")).toEqual(await modelLimits("openai/gpt-5"));
});

test("an id may hold slashes", async () => {
  expect(await modelPrice("groq/openai/gpt-oss-120b")).toBeDefined();
});

test.each([
  "anthropic/claude-of-tomorrow",
  "openai-compatible/gpt-5.5",
  "ollama/gpt-oss",
  "nobody/claude-sonnet-4-5",
  "scripted/model",
  "claude-sonnet-4-5",
  "anthropic/constructor",
  "__proto__/toString",
  "",
])("what is not known is undefined, and never nothing: %j", async (name) => {
  expect(await modelPrice(name)).toBeUndefined();
  expect(await modelLimits(name)).toBeUndefined();
});

test("a model whose price is nothing in the catalog counts as one whose price is not known", () => {
  const prices = Object.values(knownModels).flatMap((models) =>
    Object.values(models).flatMap(({ price }) => price ?? []),
  );
  expect(prices.filter(({ input, output }) => input === 0 && output === 0)).toEqual([]);
  expect(prices.length).toBeGreaterThan(300);
});

test("every provider in the table is one that a model's name can begin with", () => {
  const names = providers.map(({ name }) => name);
  expect(Object.keys(knownModels).filter((name) => !names.includes(name))).toEqual([]);
});

test.each(["anthropic", "openai", "google"])("the price of the default model of %s is known", async (name) => {
  const model = providers.find((provider) => provider.name === name)?.defaultModel;
  expect(await modelPrice(`${name}/${model}`)).toBeDefined();
});
