import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BranchMovedError, RepositoryError } from "./errors.ts";
import { landSession } from "./land.ts";
import type { MergeResult } from "./merge-sessions.ts";
import { previewMerge } from "./preview-merge.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

let user: TemporaryRepository;
let repository: Repository;
let sessions: Session[];

beforeEach(async () => {
  user = await temporaryRepository({ files: { "poem.txt": poem(), "old.txt": "old\n" }, enter: true });
  repository = await Repository.open(user.path);
  sessions = [];
});

afterEach(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  await user[Symbol.asyncDispose]();
});

/** Ten lines, with some of them said otherwise. */
function poem(changes: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: 10 }, (_, i) => `${changes[i + 1] ?? `line ${i + 1}`}\n`).join("");
}

async function start(name: string): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "", extra: {} } });
  sessions.push(session);
  await session.ready;
  return session;
}

function write(session: Session, path: string, content: string): void {
  mkdirSync(dirname(join(session.worktree, path)), { recursive: true });
  writeFileSync(join(session.worktree, path), content);
}

const read = (session: Session, path: string) => readFileSync(join(session.worktree, path), "utf8");

const author = { name: "model (bough)", email: "bough@localhost" };

/** Runs a turn of one step that changes files. */
async function turn(session: Session, prompt: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) write(session, path, content);
  const blocks: Block[] = [
    { type: "user", text: prompt },
    { type: "assistant", text: "Done." },
  ];
  const step = session.lastStep + 1;
  await session.commit({ step, turn: step, blocks }, { subject: prompt, author, changes: "scan", always: true });
}

/** What the conversation holds, a line for each entry. */
async function conversation(session: Session): Promise<string[]> {
  const { entries } = await session.conversation();
  return entries.map((entry) =>
    entry.type === "outside"
      ? `outside: ${entry.subject}`
      : entry.blocks.map(({ type, text }) => `${type}: ${text.split("\n", 1)[0]}`).join(", "),
  );
}

const gitStatus = (session: Session) => user.git("-C", session.worktree, "status", "--short", "--ignored");

test("merging brings the other's changes in by a merge commit, and a note tells the conversation", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(ours, "first line", { "poem.txt": poem({ 1: "ours" }) });
  await turn(theirs, "last line", { "poem.txt": poem({ 10: "theirs" }), "new/file.txt": "new\n" });

  const result = await ours.merge("bough/theirs");

  expect(result).toEqual({
    type: "merged",
    commit: await user.git("rev-parse", "bough/ours~1"),
    paths: ["new/file.txt", "poem.txt"],
  });
  expect(read(ours, "poem.txt")).toBe(poem({ 1: "ours", 10: "theirs" }));
  expect(read(ours, "new/file.txt")).toBe("new\n");
  expect(await gitStatus(ours)).toBe("");
  expect(`\n${await user.graph()}`).toMatchInlineSnapshot(`
    "
    * Tell of the merge of bough/theirs (bough/ours)
    *   Merge bough/theirs into bough/ours
    |\\  
    | * last line (bough/theirs)
    * | first line
    |/  
    * First commit (main)"
  `);
  expect(await conversation(ours)).toEqual([
    "config: ",
    "user: first line, assistant: Done.",
    "note: bough/theirs was merged into this branch. Files it changed here: new/file.txt, poem.txt.",
  ]);
});

test("it is a merge commit also when one side only follows the other", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(theirs, "last line", { "poem.txt": poem({ 10: "theirs" }) });
  await ours.merge("theirs");
  expect(await user.git("log", "--first-parent", "--format=%s (%p)", "bough/ours")).not.toContain("last line");
  expect(await conversation(ours)).toEqual(["config: ", expect.stringMatching(/^note: bough\/theirs was merged/)]);
  expect(await ours.base()).toBe(await user.git("rev-parse", "main"));
});

test("merging again is up to date, and later merges only what is new", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(theirs, "one", { "one.txt": "one\n" });
  await ours.merge("theirs");
  const { tip } = ours;
  expect(await ours.merge("theirs")).toEqual({ type: "up-to-date" });
  expect(ours.tip).toBe(tip);
  await turn(theirs, "two", { "two.txt": "two\n" });
  expect(await ours.merge("theirs")).toMatchObject({ type: "merged", paths: ["two.txt"] });
});

test("a merge that a rewind took back is forgotten, and can be merged again", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(ours, "mine", { "mine.txt": "mine\n" });
  await turn(theirs, "one", { "one.txt": "one\n" });
  await ours.merge("theirs");
  rmSync(join(ours.worktree, "one.txt"));
  await ours.commit(
    { step: ours.lastStep + 1, turn: 2, blocks: [{ type: "rewind", to: 1, text: "" }] },
    { subject: "Rewind", author, changes: "scan", always: true },
  );
  expect(await conversation(ours)).toEqual(["config: ", "user: mine, assistant: Done.", "rewind: "]);

  expect(await previewMerge(repository, { other: "theirs", into: ours })).toMatchObject({ paths: ["one.txt"] });
  await turn(theirs, "two", { "two.txt": "two\n" });
  expect(await ours.merge("theirs")).toMatchObject({ type: "merged", paths: ["one.txt", "two.txt"] });
  expect(await ours.merge("theirs")).toEqual({ type: "up-to-date" });
  expect(await conversation(ours)).toHaveLength(4);
});

test("the user's newer commits come in from their branch", async () => {
  const ours = await start("ours");
  await turn(ours, "first line", { "poem.txt": poem({ 1: "ours" }) });
  await user.write({ "poem.txt": poem({ 10: "the user's" }), ".env": "committed all the same\n" });
  await user.commitAll("Mine");
  const before = await user.fingerprint();
  expect(await ours.merge("main")).toMatchObject({ type: "merged", paths: [".env", "poem.txt"] });
  expect(await user.fingerprint()).toBe(before);
  expect(read(ours, "poem.txt")).toBe(poem({ 1: "ours", 10: "the user's" }));
  expect(read(ours, ".env")).toBe("committed all the same\n");
  expect(await gitStatus(ours)).toBe("");
});

test("what landed is no conflict when the user changed it since, and uncommitted work stays in", async () => {
  await user.write({ "poem.txt": poem({ 5: "uncommitted" }) });
  const ours = await start("ours");
  await turn(ours, "first line", { "poem.txt": poem({ 1: "ours", 5: "uncommitted" }) });
  await landSession(repository, ours);
  await user.git("checkout", "--", "poem.txt");
  await user.write({ "poem.txt": poem({ 1: "ours, better" }) });
  await user.commitAll("Better");
  expect(await previewMerge(repository, { other: "main", into: ours })).toMatchObject({ paths: ["poem.txt"] });
  expect(await ours.merge("main")).toMatchObject({ type: "merged", paths: ["poem.txt"] });
  expect(read(ours, "poem.txt")).toBe(poem({ 1: "ours, better", 5: "uncommitted" }));
  expect(await ours.merge("main")).toEqual({ type: "up-to-date" });
  expect(await landSession(repository, ours)).toEqual({ type: "up-to-date" });
});

test("conflicts come back as data with the blobs of both sides, and nothing is half-merged", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(ours, "ours", { "poem.txt": poem({ 5: "ours" }), "both.txt": "ours\n" });
  rmSync(join(theirs.worktree, "old.txt"));
  await turn(theirs, "theirs", { "poem.txt": poem({ 5: "theirs" }), "both.txt": "theirs\n", "fine.txt": "fine\n" });
  await turn(ours, "old", { "old.txt": "older\n" });
  const tip = ours.tip;

  const result = await ours.merge("theirs");

  expect(result).toMatchObject({
    type: "conflict",
    paths: ["both.txt", "old.txt", "poem.txt"],
    conflicts: [
      { path: "both.txt", kind: "both-added", base: undefined },
      { path: "old.txt", kind: "deleted-by-them", theirs: undefined },
      { path: "poem.txt", kind: "both-changed" },
    ],
  });
  if (result.type !== "conflict") throw new Error("It merged.");
  expect(await user.git("cat-file", "blob", result.conflicts[0]?.ours ?? "")).toBe("ours");
  expect(await user.git("cat-file", "blob", result.conflicts[0]?.theirs ?? "")).toBe("theirs");
  expect(ours.tip).toBe(tip);
  expect(await gitStatus(ours)).toBe("");
  expect(readdirSync(ours.worktree).sort()).toEqual([".git", "both.txt", "old.txt", "poem.txt"]);
});

test("a file where the other side has a folder is a conflict of its own kind", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(ours, "file", { thing: "a file\n" });
  await turn(theirs, "folder", { "thing/file": "in a folder\n" });
  expect(await ours.merge("theirs")).toMatchObject({
    type: "conflict",
    paths: ["thing"],
    conflicts: [{ path: "thing", kind: "file-and-folder", theirs: undefined }],
  });
});

test("a file where the other side has a link is one conflict, at the path where both stand", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(ours, "file", { "poem.txt": "another\n" });
  rmSync(join(theirs.worktree, "poem.txt"));
  symlinkSync("old.txt", join(theirs.worktree, "poem.txt"));
  await turn(theirs, "link", {});
  const result = await ours.merge("theirs");
  expect(result).toMatchObject({ type: "conflict", paths: ["poem.txt"], conflicts: [{ kind: "both-changed" }] });
  if (result.type !== "conflict") throw new Error("It merged.");
  expect(await user.git("cat-file", "blob", result.conflicts[0]?.ours ?? "")).toBe("another");
  expect(await user.git("cat-file", "blob", result.conflicts[0]?.theirs ?? "")).toBe("old.txt");
});

test("a file that both sides renamed is there by both names, or named so by a git that looks for renames", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  for (const session of [ours, theirs]) {
    renameSync(join(session.worktree, "poem.txt"), join(session.worktree, `${session.name}.txt`));
    await turn(session, "rename", {});
  }
  const result = await ours.merge("theirs");
  // Before 2.50 git's merge does not heed the setting.
  if (result.type === "merged") expect(result.paths).toEqual(["theirs.txt"]);
  else expect(kindsOf(result)).toEqual(["ours.txt both-renamed", "poem.txt both-renamed", "theirs.txt both-renamed"]);
});

function kindsOf(result: MergeResult): string[] {
  return result.type === "conflict" ? result.conflicts.map(({ path, kind }) => `${path} ${kind}`) : [];
}

test("a preview says the same and changes nothing, with the session open or not", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(theirs, "new", { "new.txt": "new\n" });
  write(ours, "by-hand.txt", "not yet\n");
  const { tip } = ours;
  const expected = { type: "would-merge", paths: ["new.txt"] };
  expect(await ours.merge("theirs", { preview: true })).toEqual(expected);
  expect(await previewMerge(repository, { other: "theirs", into: ours })).toEqual({
    ...expected,
    files: [{ path: "new.txt", from: undefined, added: 1, removed: 0 }],
    diff: expect.stringContaining("+new\n"),
  });
  expect(ours.tip).toBe(tip);
  expect(readdirSync(ours.worktree).sort()).toEqual([".git", "by-hand.txt", "old.txt", "poem.txt"]);
});

test("what was changed by hand is committed first, and goes into the merge", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(theirs, "last line", { "poem.txt": poem({ 10: "theirs" }) });
  write(ours, "poem.txt", poem({ 1: "by hand" }));
  await ours.merge("theirs");
  expect(read(ours, "poem.txt")).toBe(poem({ 1: "by hand", 10: "theirs" }));
  expect(await conversation(ours)).toEqual([
    "config: ",
    "outside: By hand: poem.txt",
    expect.stringMatching(/^note: bough\/theirs was merged/),
  ]);
});

test("deleted files, links and modes come in", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  rmSync(join(theirs.worktree, "old.txt"));
  symlinkSync("poem.txt", join(theirs.worktree, "link"));
  writeFileSync(join(theirs.worktree, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  await turn(theirs, "all kinds", {});
  expect(await ours.merge("theirs")).toMatchObject({ paths: ["link", "old.txt", "run.sh"] });
  expect(await gitStatus(ours)).toBe("");
  expect(await user.git("rev-parse", "bough/ours^{tree}")).toBe(await user.git("rev-parse", "bough/theirs^{tree}"));
});

test("an ignored file that stands where one has to go is named, and nothing is merged", async () => {
  await user.write({ ".gitignore": "build/\n" });
  await user.commitAll("Ignore");
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  write(ours, "build/out.txt", "precious\n");
  await turn(ours, "build", {});
  rmSync(join(theirs.worktree, ".gitignore"));
  await turn(theirs, "commit the build", { "build/out.txt": "theirs\n" });
  const { tip } = ours;
  await expect(ours.merge("theirs")).rejects.toThrow(/have to go: build\/out\.txt\. Move them aside/);
  expect(ours.tip).toBe(tip);
  expect(read(ours, "build/out.txt")).toBe("precious\n");
  expect(await user.git("-C", ours.worktree, "status", "--short")).toBe("");
});

test("when somebody moved the branch the merge is taken back", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(ours, "mine", { "mine.txt": "mine\n" });
  await turn(theirs, "new", { "new.txt": "new\n" });
  await user.git("update-ref", "refs/heads/bough/ours", "main");
  await expect(ours.merge("theirs")).rejects.toThrow(BranchMovedError);
  expect(readdirSync(ours.worktree).sort()).toEqual([".git", "mine.txt", "old.txt", "poem.txt"]);
});

test("the session goes on after it, resumes with the note, and numbers are not used twice", async () => {
  const [ours, theirs] = [await start("ours"), await start("theirs")];
  await turn(theirs, "new", { "new.txt": "new\n" });
  await ours.merge("theirs");
  await turn(ours, "next", { "next.txt": "next\n" });
  const said = await conversation(ours);
  expect(said).toHaveLength(3);
  await ours.close();
  const again = await resumeSession(repository, "bough/ours");
  sessions[0] = again;
  expect(await conversation(again)).toEqual(said);
  expect(again.lastStep).toBe(2);
});

test("what has no history in common is not merged", async () => {
  const ours = await start("ours");
  const tree = await user.git("rev-parse", "main^{tree}");
  const stranger = await user.git("commit-tree", "-m", "Stranger", tree);
  await expect(ours.merge(stranger)).rejects.toThrow(/no commit in common/);
  await expect(ours.merge("nothing")).rejects.toThrow(RepositoryError);
});
