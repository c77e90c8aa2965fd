import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BranchMovedError, RepositoryError } from "./errors.ts";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

let user: TemporaryRepository;
let repository: Repository;
let sessions: Session[];

beforeEach(async () => {
  user = await temporaryRepository({ files: { "old.txt": "old\n" }, enter: true });
  repository = await Repository.open(user.path);
  sessions = [];
});

afterEach(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  await user[Symbol.asyncDispose]();
});

async function start(name = "fix"): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "", extra: {} } });
  sessions.push(session);
  await session.ready;
  return session;
}

function write(session: Session, path: string, content: string): void {
  mkdirSync(dirname(join(session.worktree, path)), { recursive: true });
  writeFileSync(join(session.worktree, path), content);
}

const author = { name: "model (bough)", email: "bough@localhost" };

/** A step of one block; it waits for the next commit unless it changed files or ends its turn. */
function step(session: Session, turn: number, block: Block, always = false) {
  const record = { step: session.lastStep + 1, turn, blocks: [block] };
  return session.commit(record, { subject: block.text, author, changes: "scan", always });
}

/** A turn of three steps: a prompt, an edit of a file of its own and of one that all turns edit, and an answer. */
async function turn(session: Session, number: number): Promise<void> {
  await step(session, number, { type: "user", text: `prompt ${number}` });
  write(session, `${number}.txt`, `${number}\n`);
  write(session, "all.txt", `${number}\n`);
  await step(session, number, { type: "assistant", text: `edit ${number}` });
  await step(session, number, { type: "assistant", text: `answer ${number}` }, true);
}

async function threeTurns(): Promise<Session> {
  const session = await start();
  for (const number of [1, 2, 3]) await turn(session, number);
  return session;
}

/** What the conversation holds, an item for each entry that says something. */
async function conversation(session: Session): Promise<string[]> {
  const { entries } = await session.conversation();
  return entries.flatMap((entry) =>
    entry.type === "outside"
      ? [entry.subject]
      : entry.blocks.flatMap(({ type, text }) => (type === "config" || type === "rewind" ? [] : [text])),
  );
}

const said = (...turns: number[]) => turns.flatMap((n) => [`prompt ${n}`, `edit ${n}`, `answer ${n}`]);

const files = (session: Session) => readdirSync(session.worktree).filter((name) => name !== ".git");
const read = (session: Session, path: string) => readFileSync(join(session.worktree, path), "utf8");
const gitStatus = (session: Session) => user.git("-C", session.worktree, "status", "--short", "--ignored");

/** All there is to see of a session. */
async function state(session: Session) {
  const all = readdirSync(session.worktree, { recursive: true, encoding: "utf8" })
    .filter((path) => path !== ".git" && !lstatSync(join(session.worktree, path)).isDirectory())
    .sort();
  const contents = all.map((path) => [path, lstatSync(join(session.worktree, path)).mode, read(session, path)]);
  return { files: contents, said: await conversation(session), status: await gitStatus(session) };
}

test("a rewind by turns is a commit with the older tree, and the conversation is as it was", async () => {
  const session = await threeTurns();
  const before = session.tip;

  const result = await session.rewind({ turns: 2 });

  expect(result).toEqual({
    type: "rewound",
    commit: session.tip,
    before,
    to: { step: 3, turn: 1, commit: await user.git("rev-parse", `${before}~4`) },
    files: [
      { path: "2.txt", from: undefined, added: 0, removed: 1 },
      { path: "3.txt", from: undefined, added: 0, removed: 1 },
      { path: "all.txt", from: undefined, added: 1, removed: 1 },
    ],
    taken: [
      { turn: 2, prompt: "prompt 2" },
      { turn: 3, prompt: "prompt 3" },
    ],
    returned: [],
  });
  expect(files(session)).toEqual(["1.txt", "all.txt", "old.txt"]);
  expect(await conversation(session)).toEqual(said(1));
  expect(await gitStatus(session)).toBe("");
  expect(await user.git("rev-parse", "bough/fix^{tree}")).toBe(await user.git("rev-parse", `${before}~4^{tree}`));
  expect(`\n${await user.graph()}`).toMatchInlineSnapshot(`
    "
    * Go back to step 3 (bough/fix)
    * answer 3
    * edit 3
    * answer 2
    * edit 2
    * answer 1
    * edit 1
    * First commit (main)"
  `);
});

test("rewinding to the commit before undoes it, and undoing that does it again", async () => {
  const session = await threeTurns();
  const whole = await state(session);
  const first = await session.rewind({ turns: 2 });
  const short = await state(session);
  if (first.type !== "rewound") throw new Error("It stayed.");
  const second = await session.rewind({ after: first.before });
  expect(second).toMatchObject({ type: "rewound", taken: [], returned: [{ turn: 2 }, { turn: 3 }] });
  expect(await state(session)).toEqual(whole);
  await session.rewind({ after: first.commit });
  expect(await state(session)).toEqual(short);
});

test("turns are counted in the conversation as it stands, and the next one has a new number", async () => {
  const session = await threeTurns();
  await session.rewind({ turns: 1 });
  expect(await session.rewind({ turns: 1 })).toMatchObject({ taken: [{ turn: 2 }] });
  await turn(session, (await session.conversation()).lastTurn + 1);
  expect(await conversation(session)).toEqual(said(1, 4));
  expect(await session.rewind({ turns: 2 })).toMatchObject({ to: { step: 0 }, taken: [{ turn: 1 }, { turn: 4 }] });
  expect(files(session)).toEqual(["old.txt"]);
});

test("a prompt, a step in the middle of a commit and a commit are moments to go back to", async () => {
  const session = await threeTurns();
  const commit = await user.git("rev-parse", "bough/fix~3");
  await session.rewind({ before: 2 });
  expect([files(session), await conversation(session)]).toEqual([["1.txt", "all.txt", "old.txt"], said(1)]);
  // The prompt came with the edit's commit: then the files were as before it.
  await session.rewind({ after: 4 });
  expect([files(session), await conversation(session)]).toEqual([
    ["1.txt", "all.txt", "old.txt"],
    [...said(1), "prompt 2"],
  ]);
  await session.rewind({ after: commit });
  expect([files(session), await conversation(session)]).toEqual([
    ["1.txt", "2.txt", "all.txt", "old.txt"],
    [...said(1), "prompt 2", "edit 2"],
  ]);
});

test.each([{ after: "main" }, { after: 0 }, { turns: 2 }, { before: 1 }])(
  "what the session started from is one too: %o",
  async (target) => {
    const session = await start();
    await turn(session, 1);
    await turn(session, 2);
    const result = await session.rewind(target);
    expect(result).toMatchObject({ to: { step: 0, turn: 0, commit: await user.git("rev-parse", "main") } });
    expect([files(session), await conversation(session)]).toEqual([["old.txt"], []]);
    expect(await user.git("log", "-1", "--format=%s", "bough/fix")).toBe("Go back to the start");
    if (result.type === "rewound") await session.rewind({ after: result.before });
    expect(await conversation(session)).toEqual(said(1, 2));
  },
);

test("the conversation alone goes back by a commit that changes no file", async () => {
  const session = await threeTurns();
  const all = files(session);
  expect(await session.rewind({ turns: 2, only: "chat" })).toMatchObject({
    files: [],
    taken: [{ turn: 2 }, { turn: 3 }],
  });
  expect([files(session), await conversation(session)]).toEqual([all, said(1)]);
  expect(await user.git("rev-parse", "bough/fix^{tree}")).toBe(await user.git("rev-parse", "bough/fix~1^{tree}"));
});

test("the files alone go back, and a note tells the conversation", async () => {
  const session = await threeTurns();
  const before = session.tip;
  const result = await session.rewind({ turns: 2, only: "files" });
  expect(result).toMatchObject({ type: "rewound", taken: [], files: [{ path: "2.txt" }, {}, {}] });
  expect(files(session)).toEqual(["1.txt", "all.txt", "old.txt"]);
  const moment = (await user.git("rev-parse", `${before}~4`)).slice(0, 12);
  const note = `The user took the files back to how they were after step 3 (commit ${moment}); the conversation goes on. Files that changed by it: 2.txt, 3.txt, all.txt.`;
  expect(await conversation(session)).toEqual([...said(1, 2, 3), note]);
  await session.rewind({ after: before });
  expect([files(session).length, await conversation(session)]).toEqual([5, said(1, 2, 3)]);
});

test("what was changed by hand is a commit first, and comes back when the rewind is undone", async () => {
  const session = await threeTurns();
  write(session, "mine.txt", "mine\n");
  write(session, "all.txt", "mine\n");
  const result = await session.rewind({ turns: 1 });
  expect(files(session)).toEqual(["1.txt", "2.txt", "all.txt", "old.txt"]);
  expect(await conversation(session)).toEqual(said(1, 2));
  if (result.type !== "rewound") throw new Error("It stayed.");
  await session.rewind({ after: result.before });
  expect([read(session, "mine.txt"), read(session, "all.txt")]).toEqual(["mine\n", "mine\n"]);
  expect(await conversation(session)).toEqual([...said(1, 2, 3), "By hand: all.txt, mine.txt"]);
});

test("what was changed by hand before a prompt belongs to the moment before it, and not to the step before", async () => {
  const session = await start();
  await turn(session, 1);
  write(session, "mine.txt", "mine\n");
  await session.commitByHand();
  await turn(session, 2);
  await session.rewind({ turns: 1 });
  expect(files(session)).toContain("mine.txt");
  expect(await conversation(session)).toEqual([...said(1), "By hand: mine.txt"]);
  await session.rewind({ after: 3 });
  expect(files(session)).not.toContain("mine.txt");
  expect(await conversation(session)).toEqual(said(1));
});

test("a rewind to the tip takes back what was changed by hand", async () => {
  const session = await threeTurns();
  write(session, "all.txt", "mine\n");
  expect(await session.rewind({ after: "bough/fix" })).toMatchObject({ type: "rewound", files: [{ path: "all.txt" }] });
  expect([read(session, "all.txt"), await conversation(session)]).toEqual(["3\n", said(1, 2, 3)]);
});

test("where the session stands there already nothing is done", async () => {
  const session = await threeTurns();
  expect(await session.rewind({ after: session.tip })).toEqual({ type: "up-to-date" });
  await session.rewind({ turns: 1 });
  const { tip } = session;
  expect(await session.rewind({ before: 3 })).toEqual({ type: "up-to-date" });
  expect(await session.rewind({ before: 3, only: "files" })).toEqual({ type: "up-to-date" });
  expect(session.tip).toBe(tip);
});

test("a preview says the same and changes nothing", async () => {
  const session = await threeTurns();
  write(session, "mine.txt", "mine\n");
  const [before, refs] = [await state(session), await user.git("for-each-ref")];
  const expected = { files: [{ path: "3.txt" }, { path: "all.txt" }, { path: "mine.txt" }], taken: [{ turn: 3 }] };
  expect(await session.rewind({ turns: 1, preview: true })).toMatchObject({ type: "would-rewind", ...expected });
  expect([await state(session), await user.git("for-each-ref")]).toEqual([before, refs]);
  expect(await session.rewind({ turns: 1 })).toMatchObject({ type: "rewound", ...expected });
});

test("a moment that is not the session's is refused and nothing is done", async () => {
  const session = await threeTurns();
  await using other = await temporaryRepository({ files: {} });
  await user.git("fetch", "--quiet", other.path);
  write(session, "mine.txt", "mine\n");
  const refs = await user.git("for-each-ref");
  const refusals = await Promise.all(
    [{ turns: 4 }, { turns: 0 }, { before: 9 }, { after: 10 }, { after: "FETCH_HEAD" }, { after: "nothing" }].map(
      (target) => session.rewind(target).catch((error) => [error instanceof RepositoryError, error.message].join(": ")),
    ),
  );
  expect(refusals).toMatchInlineSnapshot(`
    [
      "true: bough/fix cannot go back 4 turns: there are 3 turns in its conversation.",
      "true: bough/fix cannot go back 0 turns: there are 3 turns in its conversation.",
      "true: There is no prompt 9 in bough/fix. "bough log bough/fix" shows what there is.",
      "true: There is no step 10 in bough/fix. "bough log bough/fix" shows what there is.",
      "true: 88d78c8cf93d is no commit of bough/fix, so it cannot go back there. "bough log bough/fix" shows what there is.",
      "true: "nothing" names no branch, commit or session here. "bough sessions" lists what there is.",
    ]
  `);
  expect([files(session).length, await user.git("for-each-ref")]).toEqual([6, refs]);
});

test("files that no commit holds and that stand in the way are named, and nothing is done", async () => {
  await user.write({ ".gitignore": "build/\n" });
  await user.commitAll("Ignore");
  const session = await start();
  await step(session, 1, { type: "user", text: "prompt 1" });
  rmSync(join(session.worktree, ".gitignore"));
  write(session, "build/out.txt", "committed\n");
  await step(session, 1, { type: "assistant", text: "answer 1" }, true);
  const moment = session.tip;
  await step(session, 2, { type: "user", text: "prompt 2" });
  rmSync(join(session.worktree, "build"), { recursive: true });
  write(session, ".gitignore", "build/\n");
  await step(session, 2, { type: "assistant", text: "answer 2" }, true);
  write(session, "build/out.txt", "precious\n");
  write(session, "mine.txt", "mine\n");
  const before = [session.tip, await state(session), await user.git("for-each-ref")];
  const refused = /have to go: build\/out\.txt\. Move them aside/;
  await expect(session.rewind({ after: moment })).rejects.toThrow(refused);
  await expect(session.rewind({ after: moment, preview: true })).rejects.toThrow(refused);
  expect([session.tip, await state(session), await user.git("for-each-ref")]).toEqual(before);
  expect(read(session, "build/out.txt")).toBe("precious\n");
  expect(await session.rewind({ after: moment, only: "chat" })).toMatchObject({ type: "rewound" });
});

test("a link that took the place of a folder gives way, and what it points at is not touched", async () => {
  await using outside = await temporaryRepository({ files: { "file.txt": "outside\n" } });
  const session = await start();
  await step(session, 1, { type: "user", text: "prompt 1" });
  write(session, "folder/file.txt", "inside\n");
  await step(session, 1, { type: "assistant", text: "answer 1" }, true);
  const moment = session.tip;
  rmSync(join(session.worktree, "folder"), { recursive: true });
  symlinkSync(outside.path, join(session.worktree, "folder"));
  const result = await session.rewind({ after: moment });
  expect(lstatSync(join(session.worktree, "folder")).isDirectory()).toBe(true);
  expect(read(session, "folder/file.txt")).toBe("inside\n");
  expect(readFileSync(join(outside.path, "file.txt"), "utf8")).toBe("outside\n");
  if (result.type !== "rewound") throw new Error("It stayed.");
  await session.rewind({ after: result.before });
  expect(lstatSync(join(session.worktree, "folder")).isSymbolicLink()).toBe(true);
  expect(existsSync(join(outside.path, "file.txt"))).toBe(true);
});

test("an ignored link that stands where a folder has to go is named, and nothing is written through it", async () => {
  await using outside = await temporaryRepository({ files: {} });
  const session = await start();
  await step(session, 1, { type: "user", text: "prompt 1" });
  write(session, "folder/file.txt", "inside\n");
  await step(session, 1, { type: "assistant", text: "answer 1" }, true);
  const moment = session.tip;
  rmSync(join(session.worktree, "folder"), { recursive: true });
  write(session, ".gitignore", "folder\n");
  await step(session, 2, { type: "assistant", text: "gone" }, true);
  symlinkSync(outside.path, join(session.worktree, "folder"));
  await expect(session.rewind({ after: moment })).rejects.toThrow(/have to go: folder\. Move/);
  expect(existsSync(join(outside.path, "file.txt"))).toBe(false);
});

test("when somebody moved the branch the rewind is taken back", async () => {
  const session = await threeTurns();
  const before = await state(session);
  await user.git("update-ref", "refs/heads/bough/fix", "main");
  await expect(session.rewind({ turns: 1 })).rejects.toThrow(BranchMovedError);
  expect((await state(session)).files).toEqual(before.files);
});

test("a fork goes back to before it left the session it continues, and forward again", async () => {
  await threeTurns();
  const fork = await forkSession(repository, { from: "fix", after: 4 });
  sessions.push(fork);
  await fork.ready;
  await turn(fork, 3);
  const whole = await state(fork);
  expect(whole.said).toEqual([...said(1), "prompt 2", ...said(3)]);
  const result = await fork.rewind({ before: 2 });
  expect([files(fork), await conversation(fork)]).toEqual([["1.txt", "all.txt", "old.txt"], said(1)]);
  await fork.rewind({ after: "main" });
  expect([files(fork), await conversation(fork)]).toEqual([["old.txt"], []]);
  if (result.type === "rewound") await fork.rewind({ after: result.before });
  expect(await state(fork)).toEqual(whole);
});

test("a fork that has done nothing yet goes back too, and what it began with is there when that is undone", async () => {
  await threeTurns();
  const fork = await forkSession(repository, { from: "fix", after: 4 });
  sessions.push(fork);
  await fork.ready;
  const result = await fork.rewind({ turns: 2 });
  expect([files(fork), await conversation(fork)]).toEqual([["old.txt"], []]);
  if (result.type === "rewound") await fork.rewind({ after: result.before });
  expect(await conversation(fork)).toEqual([...said(1), "prompt 2"]);
});

test("a merge that is rewound can come again, and a rewind brings it back", async () => {
  const [ours, theirs] = [await threeTurns(), await start("theirs")];
  write(theirs, "new.txt", "new\n");
  await step(theirs, 1, { type: "user", text: "new" }, true);
  const before = ours.tip;
  await ours.merge("theirs");
  const merged = await state(ours);
  const result = await ours.rewind({ after: before });
  expect(await conversation(ours)).toEqual(said(1, 2, 3));
  expect(files(ours)).not.toContain("new.txt");
  expect(await ours.merge("theirs")).toMatchObject({ type: "merged", paths: ["new.txt"] });
  if (result.type === "rewound") await ours.rewind({ after: result.before });
  expect(await state(ours)).toEqual(merged);
  expect(await ours.merge("theirs")).toEqual({ type: "up-to-date" });
});

test("a session that is resumed stands where the rewind left it, and goes on with new numbers", async () => {
  const session = await threeTurns();
  await session.rewind({ turns: 2 });
  const before = await state(session);
  await session.close();
  const again = await resumeSession(repository, "fix");
  sessions.push(again);
  await again.ready;
  expect([await state(again), again.lastStep]).toEqual([before, 10]);
});
