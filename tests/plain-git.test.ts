import { join } from "node:path";
import { expect, test } from "vitest";
import { story } from "./story.ts";

const files = { "poem.txt": "roses are red\nsugar is sweet\n" };
const edit = (old_string: string, new_string: string) => ({
  calls: [{ name: "Edit", input: { file_path: "poem.txt", old_string, new_string } }],
});
const script = [
  { thinking: "Which colour?", text: "Violets come in between.", ...edit("red\n", "red\nviolets are blue\n") },
  { text: "The end was missing.", ...edit("sweet\n", "sweet\nand so are you\n") },
  { text: "It rhymes." },
  { text: "Four lines." },
];

test("a branch that is pushed and cloned is the whole session: git reads it, and bough goes on with it", async () => {
  await using bough = await story({ script, files });
  const { folder } = bough.repository;
  expect(await bough.run("-p", "Finish the poem", "--branch", "poem")).toMatchObject({ code: 0 });
  const [hub, clone] = [join(folder, "hub.git"), join(folder, "clone")];
  await bough.git("init", "--bare", hub);
  await bough.git("push", hub, "main", "bough/poem");
  await bough.git("clone", "--branch", "main", hub, clone);
  const git = (...args: string[]) => bough.git("-C", clone, ...args);

  expect(await git("fsck", "--strict", "--no-progress")).toBe("");
  expect(await git("log", "--reverse", "--format=%s", "main..origin/bough/poem")).toBe(
    "Violets come in between\nThe end was missing\nIt rhymes",
  );
  expect(await git("blame", "-s", "origin/bough/poem", "--", "poem.txt")).toMatch(
    /^\^\w+ 1\) roses are red\n(\w+) 2\) violets are blue\n\^\w+ 3\) sugar is sweet\n(?!\1)\w+ 4\) and so are you$/,
  );
  const why = await git("log", "-1", "--format=%B", "-S", "violets", "origin/bough/poem");
  expect(why).toMatch(/^user\n {4}Finish the poem$/m);
  expect(why).toMatch(/^thinking \+\{.*\}\n {4}Which colour\?$/m);
  expect(await git("show", "--stat", "--format=%an <%ae>", "origin/bough/poem^")).toBe(
    "anthropic/claude-sonnet-5-5 (bough) <bough@localhost>\n\n poem.txt | 1 +\n 1 file changed, 1 insertion(+)",
  );

  await git("branch", "bough/poem", "origin/bough/poem");
  expect(await bough.runWith({ cwd: clone }, "-p", "How long is it?", "--resume", "bough/poem")).toMatchObject({
    code: 0,
    stdout: "Four lines.\n",
  });
  const [before, now] = [bough.server.requests[2], bough.server.requests[3]];
  expect(now).toMatchObject({ model: before?.model, system: before?.system, tools: before?.tools });
  const answers = [
    { role: "assistant", text: "It rhymes." },
    { role: "user", text: "How long is it?" },
  ];
  expect(now?.messages).toEqual([...(before?.messages ?? []), ...answers]);
  expect(await git("log", "-1", "--format=%s", "bough/poem")).toBe("Four lines");
  expect(await bough.git("log", "-1", "--format=%s", "bough/poem")).toBe("It rhymes");
});

test("a rebased branch goes on: what was dropped is forgotten, and the rest is as it was", async () => {
  await using bough = await story({ script, files });
  await bough.run("-p", "Finish the poem", "--branch", "poem");
  // The first commit holds the prompt; the second is the one that goes.
  await bough.git("checkout", "bough/poem");
  await bough.git("rebase", "--keep-empty", "--onto", "bough/poem~2", "bough/poem~1");
  await bough.git("checkout", "main");
  expect(await bough.run("-p", "How long is it?", "-r", "bough/poem")).toMatchObject({
    code: 0,
    stdout: "Four lines.\n",
  });
  const { messages = [], refused } = bough.server.requests.at(-1) ?? {};
  expect(refused).toBeUndefined();
  expect(messages.map(({ role, text = "" }) => `${role}: ${text}`)).toEqual([
    "user: Finish the poem",
    "assistant: Violets come in between.",
    "user: ",
    "assistant: It rhymes.",
    "user: How long is it?",
  ]);
});
