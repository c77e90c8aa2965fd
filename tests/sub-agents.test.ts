import type { RecordedRequest } from "@bough/test-kit";
import { expect, test } from "vitest";
import { story } from "./story.ts";

const agent = (task: string) => ({ name: "Agent", input: { task } });
const write = (file_path: string) => ({ name: "Write", input: { file_path, content: `${file_path}\n` } });

/** Plays the agent that is spoken to and those that it calls, each by what it was asked first. */
function script({ messages }: RecordedRequest) {
  const asked = messages[0]?.text ?? "";
  const isAnswered = messages.length > 1;
  if (asked !== "Write three poems") {
    return isAnswered
      ? { text: `${asked}: it is written.` }
      : { text: "I write it.", calls: [write(`${asked.toLowerCase()}.txt`)] };
  }
  return isAnswered
    ? { text: "Three poems, one by each of them." }
    : { text: "One each.", calls: [agent("Spring"), agent("Summer"), agent("Autumn")] };
}

test("a task that splits in three is read back as a graph, and along first parents as one story", async () => {
  await using bough = await story({ script });
  const { code, stdout, stderr } = await bough.run("-p", "Write three poems", "--branch", "poems");
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: "Three poems, one by each of them.\n" });

  expect(`\n${await bough.repository.graph()}`).toMatchInlineSnapshot(`
    "
    * Three poems, one by each of them (bough/poems)
    * Answers of bough/poems.1 and 2 others
    *   Merge bough/poems.3 into bough/poems
    |\\  
    | * Autumn: it is written (bough/poems.3)
    | * I write it
    * |   Merge bough/poems.2 into bough/poems
    |\\ \\  
    | * | Summer: it is written (bough/poems.2)
    | * | I write it
    | |/  
    * |   Merge bough/poems.1 into bough/poems
    |\\ \\  
    | |/  
    |/|   
    | * Spring: it is written (bough/poems.1)
    | * I write it
    |/  
    * One each
    * First commit (main)"
  `);
  expect(await bough.git("log", "--first-parent", "--format=%an: %s", "bough/poems")).toMatchInlineSnapshot(`
    "anthropic/claude-sonnet-5-5 (bough): Three poems, one by each of them
    anthropic/claude-sonnet-5-5 (bough): Answers of bough/poems.1 and 2 others
    Ada: Merge bough/poems.3 into bough/poems
    Ada: Merge bough/poems.2 into bough/poems
    Ada: Merge bough/poems.1 into bough/poems
    anthropic/claude-sonnet-5-5 (bough): One each
    Ada: First commit"
  `);
  expect(await bough.git("log", "-1", "--format=%an %s", "bough/poems", "--", "summer.txt")).toMatch(
    /bough\) I write it$/,
  );
  expect(await bough.git("worktree", "list")).not.toContain("poems.");
});

test("whoever reads lines tells a sub-agent's words by the call that it works for", async () => {
  await using bough = await story({ script });
  const { stdout } = await bough.run("-p", "Write three poems", "--branch", "poems", "--output-format", "stream-json");
  const lines: { type: string; parent_tool_use_id?: string; branch?: string }[] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const words = lines.filter(({ type }) => type === "assistant");
  expect(words.filter((line) => line.parent_tool_use_id === undefined)).toHaveLength(2);
  expect(new Set(words.flatMap(({ branch }) => branch ?? []))).toEqual(
    new Set(["bough/poems.1", "bough/poems.2", "bough/poems.3"]),
  );
  expect(lines.at(-1)).toMatchObject({ type: "result", result: "Three poems, one by each of them.", num_turns: 2 });
});

test("a sub-agent's session is listed, shown and gone on with by its name, and by no other way", async () => {
  await using bough = await story({ script });
  await bough.run("-p", "Write three poems", "--branch", "poems");
  expect((await bough.run("log", "bough/poems.2")).stdout).toContain("Summer");
  expect((await bough.run("export", "bough/poems.2")).stdout).toMatch(/^# Summer\n/);
  expect((await bough.run("export", "bough/poems")).stdout).toContain("Summer: it is written.");
  expect((await bough.run("sessions")).stdout).toContain("poems.2");
  expect((await bough.run("-p", "Go on", "--continue", "--output-format", "json")).stdout).toContain('"bough/poems"');
  const resumed = await bough.run("-p", "Go on", "--resume", "bough/poems.2", "--output-format", "json");
  expect(JSON.parse(resumed.stdout)).toMatchObject({ branch: "bough/poems.2", result: "Summer: it is written." });
  expect(bough.server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
});

test("the kinds of agents that the repository defines are offered, and what they are told to be they are", async () => {
  const reviewer = [
    "---",
    "name: reviewer",
    "description: Finds faults.",
    "tools: Read, Grep",
    "---",
    "Be strict.",
    "",
  ];
  const ask = { name: "Agent", input: { task: "Review it", kind: "reviewer" } };
  await using bough = await story({
    files: { ".claude/agents/reviewer.md": reviewer.join("\n") },
    script: [{ calls: [ask] }, { text: "No faults." }, { text: "It says: no faults." }],
  });
  expect((await bough.run("-p", "Have it reviewed")).stdout).toBe("It says: no faults.\n");
  const [lead, child] = bough.server.requests;
  expect(JSON.stringify(lead?.body)).toContain("Kinds of agents:\\n- reviewer: Finds faults.");
  expect(child).toMatchObject({ tools: ["Read", "Grep"], system: expect.stringContaining("Be strict.") });
});
