import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

const author = { name: "model (bough)", email: "bough@localhost" };
const call: Block = { type: "call", name: "Agent", id: "1", text: '{"task":"x"}' };

let user: TemporaryRepository;
let repository: Repository;
let parent: Session;
let child: Session;

beforeEach(async () => {
  user = await temporaryRepository({ files: { "a.txt": "a\n", "b.txt": "b\n", "gone.txt": "x\n" }, enter: true });
  repository = await Repository.open(user.path);
  parent = await startSession(repository, { name: "parent", config: { text: "", extra: {} } });
  const said: Block[] = [{ type: "user", text: "Do it" }, { type: "assistant", text: "I let it be done." }, call];
  await commit(parent, [...said], "Let it be done");
  child = await forkSession(repository, { from: parent.branch, after: parent.lastStep });
});

afterEach(async () => {
  await Promise.all([parent.close(), child.close()]);
  await user[Symbol.asyncDispose]();
});

async function commit(session: Session, blocks: readonly Block[], subject: string): Promise<void> {
  await session.ready;
  const step = { step: session.lastStep + 1, turn: 1, blocks };
  await session.commit(step, { subject, author, changes: "scan", always: true });
}

async function work(session: Session, files: Readonly<Record<string, string | undefined>>): Promise<void> {
  await session.ready;
  for (const [path, content] of Object.entries(files)) {
    const file = join(session.worktree, path);
    if (content === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
  await commit(session, [{ type: "assistant", text: "Done." }], `Work on ${Object.keys(files).join(", ")}`);
}

/** The answer of the call, in the step after. */
function answer(merge: string): Promise<void> {
  const result: Block = { type: "result", name: "Agent", id: "1", text: "It is done.", extra: { merged: merge } };
  return commit(parent, [result], "Hear it");
}

async function mergedCommit(): Promise<string> {
  const result = await parent.mergeInTurn(child.branch);
  return result.type === "merged" ? result.commit : `not merged: ${result.type}`;
}

/** What the conversation of the parent holds, a line for each entry. */
async function told(): Promise<string[]> {
  const { entries } = await parent.conversation();
  return entries.map((entry) =>
    entry.type === "outside"
      ? `outside: ${entry.subject}`
      : entry.blocks.map((block) => `${block.type} ${block.text}`).join(", "),
  );
}

test("what a sub-agent did is merged by a commit without a record, and its step tells of it", async () => {
  await work(child, { "a.txt": "child\n" });
  await answer(await mergedCommit());

  expect(readFileSync(join(parent.worktree, "a.txt"), "utf8")).toBe("child\n");
  expect(`\n${await user.graph()}`).toMatchInlineSnapshot(`
    "
    * Hear it (bough/parent)
    *   Merge bough/parent.1 into bough/parent
    |\\  
    | * Work on a.txt (bough/parent.1)
    |/  
    * Let it be done
    * First commit (main)"
  `);
  expect(await told()).toMatchInlineSnapshot(`
    [
      "config ",
      "user Do it, assistant I let it be done., call {"task":"x"}",
      "result It is done.",
    ]
  `);
});

test("records that no commit holds are kept through the merge, and so they are when the program dies after it", async () => {
  await work(child, { "a.txt": "child\n" });
  const provisional: Block = { type: "result", name: "Agent", id: "1", text: "It is at work." };
  await parent.keep({ step: parent.lastStep + 1, turn: 1, blocks: [provisional] });
  await mergedCommit();
  await parent.close();

  parent = await resumeSession(repository, "bough/parent");
  await parent.recover(author);
  expect((await told()).slice(-2)).toEqual([
    "outside: Merge bough/parent.1 into bough/parent",
    "result It is at work.",
  ]);
});

test("what was changed by hand meanwhile is committed first, in the user's name", async () => {
  await work(child, { "a.txt": "child\n" });
  writeFileSync(join(parent.worktree, "b.txt"), "by hand\n");
  await mergedCommit();
  expect(await user.git("log", "-2", "--first-parent", "--format=%an: %s", "bough/parent")).toBe(
    "Ada: Merge bough/parent.1 into bough/parent\nAda: By hand: b.txt",
  );
});

test("a conflict is data, and nothing is merged", async () => {
  await work(child, { "a.txt": "child\n", "b.txt": "child\n" });
  await work(parent, { "a.txt": "parent\n" });
  const before = parent.tip;
  expect(await parent.mergeInTurn(child.branch)).toEqual({
    type: "conflict",
    paths: ["a.txt"],
    conflicts: [expect.objectContaining({ path: "a.txt", kind: "both-changed" })],
  });
  expect([parent.tip, readFileSync(join(parent.worktree, "a.txt"), "utf8")]).toEqual([before, "parent\n"]);
});

test.each([
  ["theirs", { "a.txt": "child", "b.txt": "child" }],
  ["ours", { "a.txt": "parent", "b.txt": "child", "gone.txt": "changed" }],
] as const)("where the two do not go together, %s can be taken; the rest is merged", async (take, files) => {
  await work(child, { "a.txt": "child\n", "b.txt": "child\n", "gone.txt": undefined });
  await work(parent, { "a.txt": "parent\n", "gone.txt": "changed\n" });
  expect(await parent.mergeInTurn(child.branch, { take })).toMatchObject({ type: "merged" });
  const tree = await user.git("ls-tree", "-r", "--name-only", "bough/parent");
  expect(tree.split("\n")).toEqual(Object.keys(files));
  for (const [path, content] of Object.entries(files)) {
    expect(await user.git("show", `bough/parent:${path}`)).toBe(content);
  }
  expect(await user.git("-C", parent.worktree, "status", "--short")).toBe("");
  expect(await parent.mergeInTurn(child.branch)).toEqual({ type: "up-to-date" });
});

test("no side can be taken where a file stands where the other has a folder", async () => {
  await work(child, { thing: "a file\n" });
  await work(parent, { "thing/inside": "a folder\n" });
  expect(await parent.mergeInTurn(child.branch, { take: "theirs" })).toMatchObject({ type: "conflict" });
});

test.each([
  ["ours", "120000"],
  ["theirs", "100644"],
] as const)("of a link and a file of one name one can be taken, and the other is gone: %s", async (take, mode) => {
  await work(child, { thing: "a file\n" });
  await parent.ready;
  symlinkSync("a.txt", join(parent.worktree, "thing"));
  await work(parent, { "b.txt": "parent\n" });
  expect(await parent.mergeInTurn(child.branch, { take })).toMatchObject({ type: "merged" });
  const tree = await user.git("ls-tree", "-r", "--format=%(objectmode) %(path)", "bough/parent");
  expect(tree.split("\n")).toEqual(["100644 a.txt", "100644 b.txt", "100644 gone.txt", `${mode} thing`]);
});

test("a rewind to before it takes the work of a sub-agent back, and it can be merged once more", async () => {
  await work(child, { "a.txt": "child\n" });
  await answer(await mergedCommit());
  await parent.rewind({ after: parent.lastStep - 1 });
  expect(readFileSync(join(parent.worktree, "a.txt"), "utf8")).toBe("a\n");
  expect((await told()).filter((line) => line.startsWith("outside"))).toEqual([]);

  expect(await parent.mergeInTurn(child.branch)).toMatchObject({ type: "merged", paths: ["a.txt"] });
});

test("where the user drops what a sub-agent did by a rebase, the conversation stays as it was", async () => {
  await work(child, { "a.txt": "child\n" });
  await answer(await mergedCommit());
  const before = await told();
  await Promise.all([parent.close(), child.close()]);
  // Laid out in a row, the sub-agent's step is one of those to pick.
  const env = { ...user.env, GIT_SEQUENCE_EDITOR: "sed -i.bak -e '/Work on a.txt/d'", GIT_EDITOR: "true" };
  const args = ["-C", parent.worktree, "rebase", "--interactive", "--empty=keep", "main"];
  await promisify(execFile)("git", args, { env });
  expect(await user.git("log", "--format=%s", "main..bough/parent")).toBe("Hear it\nLet it be done");

  parent = await resumeSession(repository, "bough/parent");
  expect(await told()).toEqual(before);
  await parent.ready;
  expect(readFileSync(join(parent.worktree, "a.txt"), "utf8")).toBe("a\n");
});

test("what a branch holds otherwise than a commit is named", async () => {
  const start = child.tip;
  await work(child, { "a.txt": "child\n", "new/b.txt": "b\n", "gone.txt": undefined });
  expect(await child.changedSince(start)).toEqual(["a.txt", "gone.txt", "new/b.txt"]);
});
