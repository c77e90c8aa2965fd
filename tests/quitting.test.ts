import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const write = (file_path: string) => ({ calls: [{ name: "Write", input: { file_path, content: "x\n" } }] });
const worktrees = (bough: Story) => bough.git("worktree", "list", "--porcelain");

test("when -p ends, the worktree goes if the branch holds all of it, and --continue has its files", async () => {
  const read = { calls: [{ name: "Read", input: { file_path: "a.txt" } }] };
  await using bough = await story({ script: [write("a.txt"), { text: "Done." }, read, { text: "An x." }] });
  expect(await bough.run("-p", "Write a file", "--branch", "work")).toMatchObject({
    stderr: expect.stringContaining("bough/work: 1 file changed, 1 insertion(+). Land it: bough land bough/work\n"),
  });
  expect(await worktrees(bough)).not.toContain("/work\n");
  expect(await bough.run("-p", "-c", "What is in it?")).toMatchObject({ code: 0, stdout: "An x.\n" });
  expect(bough.server.requests.at(-1)?.messages.at(-1)?.results).toMatchObject([{ text: "     1\tx" }]);
});

test("a worktree with files that git ignores stays when -p ends", async () => {
  await using bough = await story({
    files: { ".gitignore": "build/\n" },
    script: [write("build/out"), { text: "Built." }],
  });
  expect(await bough.run("-p", "Build it", "--branch", "work")).toMatchObject({ code: 0 });
  expect(await worktrees(bough)).toContain("/work\n");
});
