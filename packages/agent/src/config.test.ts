import { expect, test } from "vitest";
import { type AgentConfig, formatConfig, parseConfig } from "./config.ts";

const config: AgentConfig = {
  model: "anthropic/claude",
  tools: ["Read", "Bash"],
  permissionMode: "bypassPermissions",
  system: "You are bough.",
};

test("a configuration that was written reads back as it was", () => {
  expect(parseConfig({ type: "config", ...formatConfig(config) })).toEqual(config);
});

test("a history from elsewhere may hold anything, and what does not fit grants nothing", () => {
  const extra = { model: "m/x", tools: "all", permissionMode: "god" };
  expect(parseConfig({ type: "config", text: "s", extra })).toEqual({
    model: "m/x",
    tools: [],
    permissionMode: "default",
    system: "s",
  });
});

test("without a model it is none", () => {
  expect(parseConfig({ type: "config", text: "s", extra: { tools: [] } })).toBeUndefined();
  expect(parseConfig({ type: "config", text: "s" })).toBeUndefined();
  expect(parseConfig(undefined)).toBeUndefined();
});
