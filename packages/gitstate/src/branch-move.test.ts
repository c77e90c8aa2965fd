import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { archiveSession } from "./archive-session.ts";
import { bundleSession } from "./bundle-session.ts";
import { BranchMovedError } from "./errors.ts";
import { forkSession } from "./fork-session.ts";
import { findLandable } from "./landable.ts";
import { readDiff } from "./read-diff.ts";
import { readTranscript } from "./read-transcript.ts";
import { Repository } from "./repository.ts";
import { resumeLast, resumeSession } from "./resume-session.ts";
import { findRewindable } from "./rewindable.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

let user: TemporaryRepository;
let worktree: string;

/** A closed session of four turns, each of which writes the file of its number. */
beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "a.txt": "a\n" } });
  const repository = await Repository.open(user.path);
  await using session = await startSession(repository, { name: "fix", config: { text: "", extra: {} } });
  worktree = session.worktree;
  for (const number of [1, 2, 3, 4]) await turn(session, number);
});

afterEach(async () => {
  await user[Symbol.asyncDispose]();
});

async function turn(session: Session, number: number): Promise<void> {
  await session.ready;
  writeFileSync(join(session.worktree, `${number}.txt`), `${number}\n`);
  const step = {
    step: session.lastStep + 1,
    turn: number,
    blocks: [{ type: "user", text: `prompt ${number}` }] as const,
  };
  await session.commit(step, { subject: `Turn ${number}`, author, changes: "scan", always: true });
}

const git = (...args: string[]) => user.git("-C", worktree, ...args);

/** Rebases the branch onto main, the list of its commits changed by a script of `sed`. */
function rebase(script: string): void {
  const env = { ...user.env, GIT_SEQUENCE_EDITOR: `sed -i.bak -e '${script}'`, GIT_EDITOR: "true" };
  execFileSync("git", ["-C", worktree, "rebase", "--quiet", "-i", "main"], { env });
}

async function resume(name = "fix"): Promise<Session> {
  const session = await resumeSession(await Repository.open(user.path), name);
  await session.ready;
  return session;
}

/** What somebody who goes on is told and finds: the conversation, the files of the turns, and what is not committed. */
async function found(session: Session) {
  const { entries } = await session.conversation();
  const said = entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject));
  const files = [1, 2, 3, 4].filter((number) => existsSync(join(session.worktree, `${number}.txt`)));
  const told = session.takeNotices().map((text) => text.replace(/\b[0-9a-f]{9}\b/, "<tip>"));
  return { said, files, told, byHand: (await session.commitByHand())?.files };
}

/** The branch as it is once a turn was added to it: the commits somebody else made stay below. */
async function graphAfter(session: Session): Promise<string> {
  const tip = await user.git("rev-parse", session.branch);
  await turn(session, 9);
  expect(await user.git("rev-parse", `${session.branch}~1`)).toBe(tip);
  expect(await git("status", "--short")).toBe("");
  return `\n${await user.graph()}`;
}

test("commits by hand on top are taken along", async () => {
  writeFileSync(join(worktree, "a.txt"), "mine\n");
  await git("commit", "--all", "--message", "Mine");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 2, 3, 4, "Mine"],
    files: [1, 2, 3, 4],
    told: ["bough/fix was moved by someone to <tip> (1 commit added); going on from there."],
    byHand: undefined,
  });
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Mine
    * Turn 4
    * Turn 3
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("an amended commit keeps its step", async () => {
  writeFileSync(join(worktree, "4.txt"), "mine\n");
  await git("commit", "--all", "--amend", "--no-edit");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 2, 3, 4],
    files: [1, 2, 3, 4],
    told: ["bough/fix was moved by someone to <tip> (1 commit dropped, 1 added); going on from there."],
    byHand: undefined,
  });
  expect(readFileSync(join(worktree, "4.txt"), "utf8")).toBe("mine\n");
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 4
    * Turn 3
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("steps that were reset are gone with their files, and their numbers are not given out again", async () => {
  await git("reset", "--hard", "HEAD~2");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 2],
    files: [1, 2],
    told: [
      "bough/fix was moved by someone to <tip> (2 commits dropped; 2 steps left the conversation: 3, 4); going on from there.",
    ],
    byHand: undefined,
  });
  expect(session.lastStep).toBe(4);
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("a rebase that drops a step takes it out of the conversation", async () => {
  rebase("2d");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 3, 4],
    files: [1, 3, 4],
    told: [
      "bough/fix was moved by someone to <tip> (3 commits dropped, 2 added; 1 step left the conversation: 2); going on from there.",
    ],
    byHand: undefined,
  });
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 4
    * Turn 3
    * Turn 1
    * First commit (main)"
  `);
});

test("a rebase that squashes steps keeps them all", async () => {
  rebase("3,4s/^pick/squash/");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 2, 3, 4],
    files: [1, 2, 3, 4],
    told: ["bough/fix was moved by someone to <tip> (3 commits dropped, 1 added); going on from there."],
    byHand: undefined,
  });
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("a rebase that reorders steps reorders the conversation", async () => {
  rebase("2{h;d};3{G}");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 3, 2, 4],
    files: [1, 2, 3, 4],
    told: ["bough/fix was moved by someone to <tip> (3 commits dropped, 3 added); going on from there."],
    byHand: undefined,
  });
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 4
    * Turn 2
    * Turn 3
    * Turn 1
    * First commit (main)"
  `);
});

test("what was staged in the worktree is committed by hand, and nothing is told", async () => {
  writeFileSync(join(worktree, "a.txt"), "staged\n");
  await git("add", "a.txt");
  await using session = await resume();
  expect(await found(session)).toEqual({ said: [0, 1, 2, 3, 4], files: [1, 2, 3, 4], told: [], byHand: ["a.txt"] });
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * By hand: a.txt
    * Turn 4
    * Turn 3
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("the files follow a branch that was moved from elsewhere, but for what was changed by hand", async () => {
  const mine = await user.git("commit-tree", "bough/fix~2^{tree}", "-p", "bough/fix~2", "-m", "From elsewhere");
  await user.git("update-ref", "refs/heads/bough/fix", mine);
  writeFileSync(join(worktree, "a.txt"), "by hand\n");
  await using session = await resume();
  expect(await found(session)).toEqual({
    said: [0, 1, 2, "From elsewhere"],
    files: [1, 2],
    told: [
      "bough/fix was moved by someone to <tip> (2 commits dropped, 1 added; 2 steps left the conversation: 3, 4); going on from there.",
    ],
    byHand: ["a.txt"],
  });
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * By hand: a.txt
    * From elsewhere
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("between turns an open session goes on from where the branch was moved", async () => {
  await using session = await resume();
  await git("reset", "--hard", "HEAD~1");
  await session.catchUp();
  expect(await found(session)).toMatchObject({
    said: [0, 1, 2, 3],
    files: [1, 2, 3],
    told: [expect.stringMatching(/1 commit dropped/)],
  });
  await user.git("update-ref", "refs/heads/bough/fix", "bough/fix~1");
  await session.catchUp();
  expect(await found(session)).toMatchObject({ said: [0, 1, 2], files: [1, 2], byHand: undefined });
  await session.catchUp();
  expect(await graphAfter(session)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("a branch that was moved in the middle of a turn stops it, and loses nothing", async () => {
  const session = await resume();
  await session.keep({ step: 5, turn: 5, blocks: [{ type: "user", text: "and now?" }] });
  await git("reset", "--hard", "HEAD~1");
  writeFileSync(join(worktree, "5.txt"), "5\n");
  const blocks = [
    { type: "user", text: "and now?" },
    { type: "assistant", text: "done" },
  ] as const;
  const commit = session.commit({ step: 5, turn: 5, blocks }, { subject: "x", author, changes: "scan", always: true });
  await expect(commit).rejects.toThrow(BranchMovedError);
  await expect(commit).rejects.toThrow(/nothing is lost.* --resume bough\/fix\.$/);
  await session.close();
  await using again = await resume();
  expect(await found(again)).toMatchObject({ said: [0, 1, 2, 3, 5], files: [1, 2, 3], byHand: ["5.txt"] });
  expect(await again.recover(author)).toMatchObject({ subject: "Interrupted" });
});

test("a branch that was deleted comes back with all that was said, by its name or its id", async () => {
  const open = await resume();
  const { id, tip } = open;
  await open.keep({ step: 5, turn: 5, blocks: [{ type: "user", text: "and now?" }] });
  await open.close();
  for (const revision of ["bough/fix", id.slice(0, 10)]) {
    await user.git("update-ref", "-d", "refs/heads/bough/fix");
    await using again = await resume(revision);
    expect(await found(again)).toEqual({
      said: [0, 1, 2, 3, 4, 5],
      files: [1, 2, 3, 4],
      told: ["bough/fix was deleted by someone; it is back at <tip>, with all that was said."],
      byHand: undefined,
    });
    expect([again.branch, again.tip]).toEqual(["bough/fix", tip]);
  }
  await user.git("worktree", "remove", worktree);
  await user.git("branch", "-D", "bough/fix");
  await using again = await resume();
  expect(await found(again)).toMatchObject({ said: [0, 1, 2, 3, 4, 5], files: [1, 2, 3, 4], byHand: undefined });
  expect(await graphAfter(again)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 4
    * Turn 3
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("a session whose branch was renamed goes on under the new name, found by either", async () => {
  await git("branch", "-m", "bough/fix", "bough/other");
  const again = await resume("fix");
  expect([again.branch, again.worktree]).toEqual(["bough/other", worktree]);
  expect(await found(again)).toEqual({
    said: [0, 1, 2, 3, 4],
    files: [1, 2, 3, 4],
    told: ["bough/fix was renamed by someone to bough/other; going on there."],
    byHand: undefined,
  });
  await again.keep({ step: 5, turn: 5, blocks: [{ type: "user", text: "and now?" }] });
  await again.close();
  await git("branch", "-m", "bough/other", "bough/third");
  await using third = await resume("bough/third");
  expect(await found(third)).toMatchObject({ said: [0, 1, 2, 3, 4, 5], byHand: undefined });
  expect(await user.git("for-each-ref", "--format=%(refname)", "refs/bough")).toBe("refs/bough/pending/third");
  await expect(resume("fix")).rejects.toThrow(/names no branch, commit or session here/);
  expect(await graphAfter(third)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/third)
    * Turn 4
    * Turn 3
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("a branch that was renamed to a name of the user's own is theirs, and the session's comes back beside it", async () => {
  await git("branch", "-m", "bough/fix", "mine");
  await using again = await resume();
  expect(await found(again)).toEqual({
    said: [0, 1, 2, 3, 4],
    files: [1, 2, 3, 4],
    told: [
      "bough/fix was renamed by someone to mine; it is back at <tip>, with all that was said, and mine is left as it is.",
    ],
    byHand: undefined,
  });
  expect(await graphAfter(again)).toMatchInlineSnapshot(`
    "
    * Turn 9 (bough/fix)
    * Turn 4 (mine)
    * Turn 3
    * Turn 2
    * Turn 1
    * First commit (main)"
  `);
});

test("the worktree stays on the user's branch once they committed there", async () => {
  await git("branch", "-m", "bough/fix", "mine");
  await git("commit", "--allow-empty", "--message", "Mine");
  const refused = await resumeSession(await Repository.open(user.path), "fix");
  await expect(refused.ready).rejects.toThrow(
    /stands on "mine"\. Run "git switch bough\/fix" there, then try again\.$/,
  );
  await refused.close();
  await git("switch", "bough/fix");
  await using again = await resume();
  expect(await found(again)).toEqual({ said: [0, 1, 2, 3, 4], files: [1, 2, 3, 4], told: [], byHand: undefined });
});

test("a branch that is deleted while its session is open stops it at the next turn, and comes back", async () => {
  const open = await resume();
  await user.git("update-ref", "-d", "refs/heads/bough/fix");
  await expect(resume()).rejects.toThrow("bough/fix is open in this process");
  await expect(open.catchUp()).rejects.toThrow(BranchMovedError);
  await open.close();
  await using again = await resume();
  expect(await found(again)).toMatchObject({
    said: [0, 1, 2, 3, 4],
    told: [expect.stringContaining("was deleted by someone")],
  });
});

test.each([
  {
    act: ["-D"],
    said: "bough/fix was deleted or renamed by someone. Nothing is lost: --resume bough/fix brings it back",
  },
  { act: ["-m"], to: "other", said: "bough/fix was renamed by someone to bough/other. Use that name." },
])(
  "who forks, merges, lands, reads or archives a branch that is gone is told what to do: $act",
  async ({ act, to, said }) => {
    const repository = await Repository.open(user.path);
    await using other = await startSession(repository, { name: "mine", config: { text: "", extra: {} } });
    await other.ready;
    await user.git("worktree", "remove", "--force", worktree);
    await user.git("branch", ...act, "bough/fix", ...(to === undefined ? [] : [`bough/${to}`]));
    const before = await user.git("for-each-ref");
    const attempts = [
      () => forkSession(repository, { from: "bough/fix" }),
      () => other.merge("fix"),
      () => findLandable(repository, "fix"),
      () => readTranscript(repository, "bough/fix"),
      () => archiveSession(repository, "fix"),
      () => findRewindable(repository, { revision: "bough/fix" }),
      () => bundleSession(repository, "fix"),
      () => readDiff(repository, ["bough/fix"]),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(said);
    expect(await user.git("for-each-ref")).toBe(before);
  },
);

test("--continue passes over a session whose branch was deleted, and follows one that was renamed", async () => {
  const repository = await Repository.open(user.path);
  await user.git("worktree", "remove", "--force", worktree);
  await user.git("branch", "-m", "bough/fix", "bough/other");
  const renamed = await resumeLast(repository);
  expect(renamed?.takeNotices()).toEqual(["bough/fix was renamed by someone to bough/other; going on there."]);
  await renamed?.close({ worktree: "remove-when-safe" });
  await user.git("branch", "-D", "bough/other");
  expect(await resumeLast(repository)).toBeUndefined();
});
