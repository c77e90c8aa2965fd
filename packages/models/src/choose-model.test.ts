import { expect, test } from "vitest";
import { chooseModel, keyVariables, modelVariables, openModel, providers } from "./index.ts";

test("the flag comes before BOUGH_MODEL, that before the settings, these before the first key", () => {
  const env = { BOUGH_MODEL: "openai/b", ANTHROPIC_API_KEY: "k" };
  expect(chooseModel({ flag: "xai/a", env, settings: "google/c" })).toEqual({ name: "xai/a", reason: "--model" });
  expect(chooseModel({ env, settings: "google/c" })).toEqual({ name: "openai/b", reason: "BOUGH_MODEL" });
  const { BOUGH_MODEL: _, ...keys } = env;
  expect(chooseModel({ env: keys, settings: "google/c" })).toEqual({ name: "google/c", reason: "the settings" });
  expect(chooseModel({ env: keys })).toEqual({ name: "anthropic/claude-sonnet-5-5", reason: "ANTHROPIC_API_KEY" });
});

test("keys are looked for in the order anthropic, openai, google, presets", () => {
  const env: Record<string, string> = {};
  const chosen: (string | undefined)[] = [];
  for (const variable of modelVariables().slice(1).toReversed()) {
    env[variable] = "k";
    chosen.push(chooseModel({ env })?.reason);
  }
  expect(chosen.toReversed()).toEqual(modelVariables().slice(1));
  expect(modelVariables().slice(0, 5)).toEqual([
    "BOUGH_MODEL",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
  ]);
});

test("without any of them there is no model", () => {
  expect(chooseModel({ env: { PATH: "/bin", ANTHROPIC_API_KEY: "" } })).toBeUndefined();
});

test("what is chosen can be opened", () => {
  for (const variable of modelVariables().slice(1)) {
    const env = { [variable]: "k" };
    const chosen = chooseModel({ env });
    expect(openModel(chosen?.name ?? "", { env }).name).toBe(chosen?.name);
  }
});

test("every provider has variables of its own, but for the one that borrows OpenAI's", () => {
  const own = providers.filter((provider) => provider.name !== "openai-compatible");
  const variables = own.flatMap((provider) => [...provider.keys, provider.baseUrlVariable]);
  expect(new Set(variables).size).toBe(variables.length);
  expect(new Set(keyVariables())).toEqual(new Set(own.flatMap((provider) => provider.keys)));
});
