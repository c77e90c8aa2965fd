import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import type { AgentOptions } from "../agent-options.ts";
import { contextSources } from "./context-sources.ts";
import { tokensOfText } from "./token-estimate.ts";

test("the sources are all that a model is sent, but for what stands between them", async () => {
  await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
  const model = scriptedModel(["Hello."]);
  const options = {
    cwd: repository.path,
    appendSystem: "Be kind.",
    instructions: [{ name: "AGENTS.md", text: "Use tabs.\n", size: 100_000, isCut: true }],
    skills: [{ name: "pdf", description: "Forms", file: "x", load: async () => ({ body: "", files: [] }) }],
    kinds: [{ name: "reviewer", description: "Finds what is wrong. ".repeat(30), prompt: "Be strict." }],
    permissionMode: "plan",
  } satisfies AgentOptions;
  const sources = await contextSources(options);
  expect(sources.map(({ kind, name, isCut }) => `${kind}: ${name}${isCut ? " (cut)" : ""}`)).toEqual([
    "system: system prompt",
    "system: added to the system prompt",
    "instructions: AGENTS.md (cut)",
    "skills: list of skills",
    "kinds: kinds of agents",
    ...["Read", "Jobs", "Grep", "Find", "Ls", "Agent", "Skill", "Recall"].map((name) => `tool: ${name}`),
  ]);
  await using agent = await Agent.start({ ...options, model });
  await agent.run("Hi");
  const { system = "", tools = [] } = model.requests[0] ?? {};
  const sent = tokensOfText(system) + tokensOfText(JSON.stringify(tools));
  const told = sources.reduce((sum, { tokens }) => sum + tokens, 0);
  expect(Math.abs(sent - told)).toBeLessThan(100);
});

test("without skills, and with tools that are named, there is nothing else", async () => {
  await using repository = await temporaryRepository({ files: { "a.txt": "a\n" } });
  const sources = await contextSources({ cwd: repository.path, system: "Hi.", tools: ["Ls", "Skill"] });
  expect(sources).toMatchObject([
    { kind: "system", tokens: 1 },
    { kind: "tool", name: "Ls" },
  ]);
});
