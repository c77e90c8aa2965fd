import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDiff, readPatch } from "./read-diff.ts";
import { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

let user: TemporaryRepository;
let repository: Repository;
let session: Session | undefined;

beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "a.txt": "one\n", "b.txt": "b\n" } });
  repository = await Repository.open(user.path);
});

afterEach(async () => {
  await session?.close();
  session = undefined;
  await user[Symbol.asyncDispose]();
});

/** A session of two steps on top of what the user has not committed; resolves to the commits of both. */
async function twoSteps(): Promise<{ session: Session; base: string; commits: string[] }> {
  await user.write({ "b.txt": "b, not committed\n" });
  session = await startSession(repository, { name: "work", config: { text: "", extra: {} } });
  await session.ready;
  const base = session.tip;
  const commits: string[] = [];
  for (const [i, content] of ["one\ntwo\n", Uint8Array.of(0, 255, 10, 13)].entries()) {
    writeFileSync(join(session.worktree, i === 0 ? "a.txt" : "c.bin"), content);
    const author = { name: "test/one (bough)", email: "bough@localhost" };
    const record = { step: i + 1, turn: i + 1, blocks: [{ type: "user", text: "go" } as const] };
    const made = await session.commit(record, { subject: `Write ${i + 1}`, author, changes: "scan", always: true });
    commits.push(made?.commit ?? "");
  }
  return { session, base, commits };
}

const paths = async (...revisions: string[]) => (await readDiff(repository, revisions)).files.map(({ path }) => path);

test("without a revision it is what the session that moved last changed, and nothing of the user's", async () => {
  const { base, session } = await twoSteps();
  expect(await readDiff(repository, [])).toEqual({
    from: base,
    to: session.tip,
    branch: "bough/work",
    since: undefined,
    files: [
      { path: "a.txt", from: undefined, added: 1, removed: 0 },
      { path: "c.bin", from: undefined, added: undefined, removed: undefined },
    ],
    diff: expect.stringMatching(/^diff --git a\/a.txt .*\+two\n.*Binary files \/dev\/null and b\/c.bin differ\n$/s),
  });
});

test("a session is compared with its base, a commit with its parent, also when a branch stands there", async () => {
  const { session, commits } = await twoSteps();
  expect(await paths("work")).toEqual(["a.txt", "c.bin"]);
  expect(await paths(session.id)).toEqual(["a.txt", "c.bin"]);
  expect(await paths(commits[0] ?? "")).toEqual(["a.txt"]);
  expect(await paths(commits[1] ?? "")).toEqual(["c.bin"]);
  expect(await paths("main")).toEqual(["a.txt", "b.txt"]);
});

test("two revisions are compared with each other, in their order", async () => {
  const { commits } = await twoSteps();
  expect(await paths("main", "work")).toEqual(["a.txt", "b.txt", "c.bin"]);
  const back = await readDiff(repository, ["work", commits[0] ?? ""]);
  expect(back).toMatchObject({ branch: undefined, files: [{ path: "c.bin" }] });
  expect(back.diff).toContain("deleted file");
});

test("the patch gives the files back, byte for byte", async () => {
  const { session } = await twoSteps();
  const input = await readPatch(repository, []);
  expect(spawnSync("git", ["apply", "--index"], { cwd: user.path, input }).stderr.toString()).toBe("");
  expect(await user.git("diff", "--cached", "--name-only")).toBe("a.txt\nc.bin");
  expect(await user.git("diff", session.tip, "--", "a.txt", "c.bin")).toBe("");
});

test("without a session, and for an unknown revision, it says so", async () => {
  await expect(readDiff(repository, [])).rejects.toMatchObject({ reason: "no-session" });
  await expect(readDiff(repository, ["--help"])).rejects.toMatchObject({ reason: "unknown-revision" });
  await expect(readDiff(repository, ["main", "nowhere"])).rejects.toMatchObject({ reason: "unknown-revision" });
});

test("a session whose first step was dropped is refused, and how to compare it is said", async () => {
  const { session, base, commits } = await twoSteps();
  await session.close();
  await user.git("worktree", "remove", "--force", session.worktree);
  await user.git("branch", "--force", "bough/work", "main");
  await user.git("update-ref", "refs/heads/bough/work", await cherryPick(base, commits[1] ?? ""));
  await expect(readDiff(repository, ["work"])).rejects.toThrow("bough diff <rev> bough/work");
});

/** Makes a commit like another, on another parent. */
async function cherryPick(parent: string, commit: string): Promise<string> {
  const message = await user.git("show", "--no-patch", "--format=%B", commit);
  return user.git("commit-tree", `${commit}^{tree}`, "-p", parent, "-m", message);
}
