import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import type { Ask, PermissionMode, Question } from "../permissions/modes.ts";

const question = { question: "Tabs or spaces?", options: ["tabs", "spaces"] };
const call = (id: string, name: string, input: Record<string, unknown>) => ({ type: "call" as const, id, name, input });
const asks = { content: [call("1", "AskUserQuestion", question)] };

/** What the model is offered, and what it is told. */
async function run(ask: Ask | undefined, permissionMode: PermissionMode = "default") {
  await using repository = await temporaryRepository({ enter: true });
  const model = scriptedModel([asks, "Fine."]);
  await using agent = await Agent.start({ cwd: repository.path, model, ask, permissionMode });
  await agent.run("Indent it");
  const [offered, told] = model.requests;
  const [result] = told?.messages.at(-1)?.content ?? [];
  return {
    isOffered: offered?.tools.some(({ name }) => name === "AskUserQuestion"),
    told: result !== undefined && "text" in result ? result.text : undefined,
  };
}

test("a model asks, and is told the answer", async () => {
  const asked: Question[] = [];
  const ask: Ask = async (given) => {
    asked.push(given);
    return { text: "tabs, of course" };
  };
  expect(await run(ask)).toEqual({ isOffered: true, told: "tabs, of course" });
  expect(asked).toEqual([{ type: "question", ...question }]);
});

test("somebody may not want to answer", async () => {
  expect((await run(async () => ({ allow: false }))).told).toBe("The user does not want to answer.");
  expect((await run(async () => ({ allow: false, reason: "look at the code" }))).told).toContain(": look at the code");
});

test.each([
  ["nobody is there", undefined, "default"],
  ["nobody is to be asked", async () => expect.fail("It was asked."), "dontAsk"],
] as const)("where %s it is not offered, and decides for itself", async (_, ask, mode) => {
  const { isOffered, told } = await run(ask, mode);
  expect({ isOffered, told }).toEqual({
    isOffered: false,
    told: "Nobody is there to answer. Decide it yourself, and say what you decided.",
  });
});
