import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const first = [
  { thinking: "Hm.", text: "I write it.", calls: [{ name: "Write", input: { file_path: "a.txt", content: "a\n" } }] },
  { text: "The file is written." },
];

/** A session of one turn, which has ended. */
async function afterOneTurn(then: string[]): Promise<Story> {
  const bough = await story({ script: [...first, ...then.map((text) => ({ text }))] });
  expect(await bough.run("-p", "Write a file", "--branch", "work", "--append-system", "Be brief.")).toMatchObject({
    code: 0,
  });
  return bough;
}

/** What the model was sent the last time, but for the new prompt, is what it was sent before and answered. */
function expectSameHistory({ server }: Story, prompt: string): void {
  const [before, now] = [server.requests[1], server.requests.at(-1)];
  expect(now).toMatchObject({ system: before?.system, tools: before?.tools });
  const answer = { role: "assistant", text: "The file is written." };
  expect(now?.messages).toEqual([...(before?.messages ?? []), answer, { role: "user", text: prompt }]);
}

const branches = (bough: Story) => bough.git("branch", "--list", "bough/*", "--format=%(refname:short)");

test("--continue goes on with the session that moved last", async () => {
  await using bough = await afterOneTurn(["Another.", "Yes."]);
  await bough.run("-p", "Something else", "--branch", "other");
  expect(await bough.run("-p", "-c", "Still there?")).toMatchObject({ code: 0, stdout: "Yes.\n" });
  expect(bough.server.requests.at(-1)?.messages.map(({ text }) => text)).toEqual([
    "Something else",
    "Another.",
    "Still there?",
  ]);
});

test.each([
  ["its branch", async () => "bough/work"],
  ["its branch's name", async () => "work"],
  ["its id", async (bough: Story) => trailer(bough, "bough/work")],
  ["its last commit", async (bough: Story) => bough.git("rev-parse", "--short", "bough/work")],
])("--resume goes on with a session by %s", async (_, revision) => {
  await using bough = await afterOneTurn(["Yes."]);
  const { code, stdout, stderr } = await bough.run("-p", "Still there?", "--resume", await revision(bough));
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "Yes.\n",
    stderr: "bough/work: 1 file changed, 1 insertion(+). Land it: bough land bough/work\n",
  });
  expectSameHistory(bough, "Still there?");
  expect(await branches(bough)).toBe("bough/work");
});

test("--resume goes on with an earlier commit on a branch of its own, and the first stays as it is", async () => {
  await using bough = await afterOneTurn(["The first way.", "The other way."]);
  const commit = await bough.git("rev-parse", "bough/work");
  await bough.run("-p", "-c", "Go one way");
  const tip = await bough.git("rev-parse", "bough/work");
  expect(await bough.run("-p", "Go the other way", "-r", commit)).toMatchObject({
    code: 0,
    stdout: "The other way.\n",
  });
  expectSameHistory(bough, "Go the other way");
  expect(await branches(bough)).toBe("bough/work\nbough/work.1");
  expect(await bough.git("rev-parse", "bough/work", "bough/work.1^")).toBe(`${tip}\n${commit}`);
});

test("a session goes on though its worktree and all caches are gone", async () => {
  await using bough = await story({
    script: [...first, { calls: [{ name: "Read", input: { file_path: "a.txt" } }] }, { text: "It holds an a." }],
  });
  await bough.run("-p", "Write a file", "--branch", "work");
  await rm(`${bough.repository.env.XDG_STATE_HOME}`, { recursive: true });
  await rm(`${bough.repository.env.XDG_CACHE_HOME}`, { recursive: true });
  expect(await bough.run("-p", "-c", "Read it")).toMatchObject({ code: 0, stdout: "It holds an a.\n" });
  expect(bough.server.requests.at(-1)?.messages.at(-1)?.results).toMatchObject([{ text: "     1\ta" }]);
});

test("a session goes on from a sub-folder, and with another model, which is told once", async () => {
  await using bough = await afterOneTurn(["Yes.", "Still."]);
  await bough.repository.write({ "sub/file.txt": "x\n" });
  const cwd = `${bough.repository.path}/sub`;
  expect(await bough.runWith({ cwd }, "-p", "-c", "You?", "-m", "anthropic/other")).toMatchObject({ code: 0 });
  expect(bough.server.requests.at(-1)?.model).toBe("other");
  expect(await bough.run("-p", "-c", "And now?")).toMatchObject({ code: 0, stdout: "Still.\n" });
  expect(bough.server.requests.at(-1)?.model).toBe("other");
});

test("what the user changed in the worktree is kept as theirs, and the model is told", async () => {
  await using bough = await afterOneTurn(["I see."]);
  const { stdout } = await bough.run("branch", "--name", "other", "--json");
  const { worktree }: { worktree: string } = JSON.parse(stdout);
  await bough.repository.git("-C", worktree, "rm", "--quiet", "--force", "a.txt", "--", "README.md");
  expect(await bough.run("-p", "-r", "other", "Look")).toMatchObject({ code: 0 });
  expect(await bough.git("log", "-2", "--format=%an: %s", "bough/other")).toBe(
    "anthropic/claude-sonnet-5-5 (bough): I see\nAda: By hand: README.md, a.txt",
  );
  expect(bough.server.requests.at(-1)?.messages.at(-1)?.text).toMatch(
    /^\[Beside your steps Ada committed .*\n\nLook$/s,
  );
});

async function trailer({ git }: Story, revision: string): Promise<string> {
  return (await git("log", "-1", "--format=%(trailers:key=Agent-Session,valueonly)", revision)).trim();
}
