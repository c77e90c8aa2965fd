import { expect, test } from "vitest";
import { type AgentConfig, formatConfig, parseConfig } from "./config.ts";

const config: AgentConfig = {
  model: "anthropic/claude",
  tools: ["Read", "Bash"],
  permissionMode: "bypassPermissions",
  system: "You are bough.",
  instructions: "",
};

test.each([
  config,
  { ...config, instructions: "Use tabs." },
  { ...config, system: "", instructions: "Use tabs." },
  { ...config, system: "Be brief.\n\n", instructions: "\n\nUse tabs." },
])("a configuration that was written reads back as it was", (written) => {
  expect(parseConfig({ type: "config", ...formatConfig(written) })).toEqual(written);
});

test("the text of a configuration is the system prompt as the model was sent it", () => {
  expect(formatConfig({ ...config, instructions: "Use tabs." })).toMatchObject({ text: "You are bough.\n\nUse tabs." });
});

test.each([-1, 1.5, "all", 1e9])("what a history says of where the instructions begin breaks nothing: %s", (length) => {
  const read = parseConfig({ type: "config", text: "You are bough.", extra: { model: "m/x", instructions: length } });
  expect(`${read?.system}${read?.instructions}`).toBe("You are bough.");
});

test("a history from elsewhere may hold anything, and what does not fit grants nothing", () => {
  const extra = { model: "m/x", tools: "all", permissionMode: "god" };
  expect(parseConfig({ type: "config", text: "s", extra })).toEqual({
    model: "m/x",
    tools: [],
    permissionMode: "default",
    system: "s",
    instructions: "",
  });
});

test("without a model it is none", () => {
  expect(parseConfig({ type: "config", text: "s", extra: { tools: [] } })).toBeUndefined();
  expect(parseConfig({ type: "config", text: "s" })).toBeUndefined();
  expect(parseConfig(undefined)).toBeUndefined();
});
