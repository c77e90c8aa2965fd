import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, onTestFinished, test } from "vitest";
import { Agent } from "../agent.ts";
import type { AgentEvent } from "../events.ts";
import { recallTool } from "./recall.ts";
import { worktreeFixtures } from "./worktree-fixture.ts";

const worktreeFixture = worktreeFixtures(onTestFinished);

/** An agent that says something long, is compacted, and then recalls; resolves to what each recall answered. */
async function recalled(...inputs: Record<string, unknown>[]): Promise<string[]> {
  await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
  const long = `The heron sleeps. ${"word ".repeat(5_000)}The tern wakes.`;
  const calls = inputs.map((input, at) => ({ type: "call" as const, id: `r${at}`, name: "Recall", input }));
  const model = scriptedModel([long, "They talked.", { content: calls }, "So it was."]);
  await using agent = await Agent.start({ cwd: repository.path, branch: "birds", model });
  await agent.run("Tell me of the harbour");
  await agent.compact();
  const answers = inputs.map(() => "");
  // Calls that read run at once.
  const onEvent = (event: AgentEvent) => {
    if (event.type === "tool-end") answers[Number(event.id.slice(1))] = event.text;
  };
  await agent.run("What was it?", { onEvent });
  expect(JSON.stringify(model.requests[2]?.messages)).not.toContain("heron");
  return answers;
}

test("what a summary stands for is found, and read in full from where one left off", async () => {
  const [found = "", first = "", rest = "", end] = await recalled(
    { query: "heron sleeps" },
    { step: 1 },
    { step: 1, offset: 20_000 },
    { step: 1, offset: 90_000 },
  );
  expect(found).toMatch(
    /^step 1, turn 1, \d{4}-\d\d-\d\dT\d\d:\d\dZ, commit [0-9a-f]{12}\n {2}assistant: The heron sleeps\. word/,
  );
  expect(found).toContain("(Recall with step gives one in full.)");
  expect(first).toContain("user:\nTell me of the harbour\n\nassistant:\nThe heron sleeps.");
  expect(first).toMatch(/characters more: read on with offset 20000\.\)$/);
  expect(rest).toContain("The tern wakes.");
  expect(end).toMatch(/^Step 1 ends at character \d+\.$/);
});

test("what is not there is told, with what to do", async () => {
  const answers = await recalled({ query: "albatross penguin" }, { step: 77 }, { step: 1, branch: "bough/none" });
  expect(answers).toEqual([
    'No step holds all of "albatross", "penguin". Try fewer or other words.',
    "There is no step 77 of this conversation. Give a query to find one.",
    "There is no step 1 on bough/none. Give a query to find one.",
  ]);
});

test.each([{}, { query: " " }, { query: "a", step: 1 }])("%j is refused", async (input) => {
  const { call } = worktreeFixture();
  await expect(call(recallTool, input)).rejects.toThrow("give either query or step");
});
