import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";
import { why } from "./why.ts";

let user: TemporaryRepository;
let repository: Repository;
const open: Session[] = [];

beforeEach(async () => {
  user = await temporaryRepository({ enter: true, files: { "list.txt": "apples\nbread\ncheese\n" } });
  repository = await Repository.open(user.path);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
  await user[Symbol.asyncDispose]();
});

const usage = { input: 7, output: 2, cost: 0.25 };

async function start(name = "work"): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "", extra: {} } });
  open.push(session);
  await session.ready;
  return session;
}

/** Commits a step that writes files, in a turn of its own when it has a prompt. */
async function step(session: Session, [number, turn]: [number, number], prompt: string, files: Record<string, string>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(session.worktree, path)), { recursive: true });
    writeFileSync(join(session.worktree, path), content);
  }
  const blocks: Block[] = [
    ...(prompt === "" ? [] : [{ type: "user", text: prompt } as const]),
    { type: "assistant", text: "Done." },
  ];
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  return session.commit(
    { step: number, turn, extra: { model: "test/one", usage }, blocks },
    { subject: `Write ${number}`, author, changes: "scan", always: true },
  );
}

/** Lands a session as one clean commit on the user's branch. */
async function land(session: Session, message = "Land it"): Promise<string> {
  await user.git("read-tree", "-u", "-m", "HEAD", session.tip);
  return user.commitAll(`${message}\n\nAgent-Session: ${session.id}\nAgent-Tip: ${session.tip}`);
}

/** What each line comes from, as short as it can be. */
async function outline(file: string, from = repository): Promise<string> {
  const { origins } = await why(from, file);
  const lines = origins.flatMap((origin) => {
    const landed = origin.type !== "uncommitted" && origin.landed !== undefined ? ", landed" : "";
    const who =
      origin.type === "step"
        ? `${origin.branch} step ${origin.step}: ${origin.prompt}${landed}`
        : origin.type === "commit"
          ? `${origin.author}: ${origin.subject}${landed}`
          : "not committed";
    return origin.lines.flatMap(({ first, text }) =>
      text.split("\n").map((line, i) => ({ number: first + i, text: `${line.padEnd(12)} ${who}` })),
    );
  });
  return `\n${lines
    .sort((a, b) => a.number - b.number)
    .map(({ number, text }) => `${number} ${text}`)
    .join("\n")}\n`;
}

test("on a session's branch each line leads to the step that wrote it, and to its turn's prompt", async () => {
  const session = await start();
  await step(session, [1, 1], "add dates", { "list.txt": "apples\nbread\ncheese\ndates\n" });
  await step(session, [2, 1], "", { "list.txt": "apples\nbread\ncheese\ndates\neggs, six\n" });
  await step(session, [3, 2], "butter, too", { "list.txt": "apples\nbread and butter\ncheese\ndates\neggs, six\n" });
  expect(await outline("list.txt", await Repository.open(session.worktree))).toMatchInlineSnapshot(`
    "
    1 apples       Ada: First commit
    2 bread and butter bough/work step 3: butter, too
    3 cheese       Ada: First commit
    4 dates        bough/work step 1: add dates
    5 eggs, six    bough/work step 2: add dates
    "
  `);
});

test("a line is told with its step, model, tokens and cost", async () => {
  const session = await start();
  const made = await step(session, [1, 1], "add dates", { "list.txt": "apples\nbread\ncheese\ndates\n" });
  const landed = await land(session);
  expect(await why(repository, "list.txt", 4)).toEqual({
    path: "list.txt",
    origins: [
      {
        type: "step",
        commit: made?.commit,
        date: expect.any(Date),
        author: "test/one (bough)",
        subject: "Write 1",
        session: session.id,
        branch: "bough/work",
        step: 1,
        turn: 1,
        prompt: "add dates",
        landed,
        model: "test/one",
        usage: { input: 7, output: 2, cacheRead: 0, cacheWrite: 0 },
        cost: 0.25,
        lines: [{ first: 4, last: 4, text: "dates" }],
      },
    ],
  });
});

test("landed lines lead through the landing commit, those a hook or a person changed in it stop there", async () => {
  const session = await start();
  await step(session, [1, 1], "dates and eggs", { "list.txt": "apples\nbread\ncheese\ndates\neggs, six\n" });
  await user.write({ "list.txt": "apples\nbread\ncheese\ndates\neggs, a dozen of them\n" });
  await user.git("add", "--verbose", "--all");
  await user.commitAll(`Land it\n\nAgent-Session: ${session.id}\nAgent-Tip: ${session.tip}`);
  await user.write({ "list.txt": "apples and pears\nbread\ncheese\ndates\neggs, a dozen of them\n" });
  await user.commitAll("Pears");
  expect(await outline("list.txt")).toMatchInlineSnapshot(`
    "
    1 apples and pears Ada: Pears
    2 bread        Ada: First commit
    3 cheese       Ada: First commit
    4 dates        bough/work step 1: dates and eggs, landed
    5 eggs, a dozen of them Ada: Land it
    "
  `);
  expect((await why(repository, "list.txt", 5)).origins).toMatchObject([{ type: "commit", session: session.id }]);
});

test("what was landed before a session started is found through the landing of that session", async () => {
  const first = await start("first");
  await step(first, [1, 1], "add dates", { "list.txt": "apples\nbread\ncheese\ndates from Tunis\n" });
  await land(first);
  const second = await start("second");
  await step(second, [1, 1], "add figs", { "list.txt": "apples\nbread\ncheese\ndates from Tunis\nfigs from Izmir\n" });
  await land(second);
  expect(await outline("list.txt")).toMatchInlineSnapshot(`
    "
    1 apples       Ada: First commit
    2 bread        Ada: First commit
    3 cheese       Ada: First commit
    4 dates from Tunis bough/first step 1: add dates, landed
    5 figs from Izmir bough/second step 1: add figs, landed
    "
  `);
});

test("a landed line whose session is not in the repository leads to the commit that landed it", async () => {
  await user.write({ "list.txt": "apples\nbread\ncheese\ndates\n" });
  await user.commitAll(`Land it\n\nAgent-Session: 01jd3xabcdef\nAgent-Tip: ${"ab".repeat(20)}`);
  expect((await why(repository, "list.txt", 4)).origins).toMatchObject([
    { type: "commit", author: "Ada", subject: "Land it", session: "01jd3xabcdef", landed: undefined },
  ]);
});

test("a fork's line leads to the fork's step, one from before it to the session it left", async () => {
  const session = await start();
  const made = await step(session, [1, 1], "add dates", { "list.txt": "apples\nbread\ncheese\ndates from Tunis\n" });
  await step(session, [2, 2], "say done", {});
  const fork = await resumeSession(repository, made?.commit ?? "");
  open.push(fork);
  await fork.ready;
  const files = { "list.txt": "apples\nbread\ncheese\ndates from Tunis\nfigs from Izmir\n" };
  await step(fork, [fork.lastStep + 1, 2], "add figs", files);
  expect(await outline("list.txt", await Repository.open(fork.worktree))).toMatch(
    /4 dates.* bough\/work step 1: add dates\n5 figs.* bough\/work\.1 step \d: add figs\n/,
  );
});

test("a merge is followed to the branch that wrote the line", async () => {
  const session = await start();
  await step(session, [1, 1], "add dates", { "list.txt": "apples\nbread\ncheese\ndates from Tunis\n" });
  await user.write({ "list.txt": "apples, red\nbread\ncheese\n" });
  await user.commitAll("Red ones");
  await user.git("merge", "--no-ff", "--no-edit", "bough/work");
  expect(await outline("list.txt")).toMatchInlineSnapshot(`
    "
    1 apples, red  Ada: Red ones
    2 bread        Ada: First commit
    3 cheese       Ada: First commit
    4 dates from Tunis bough/work step 1: add dates
    "
  `);
});

test.each([undefined, "files"] as const)(
  "a line that a rewind brought back leads to the step that wrote it (%s)",
  async (only) => {
    const session = await start();
    await step(session, [1, 1], "Buy dates", { "list.txt": "apples\nbread\ncheese\ndates\n" });
    const whole = session.tip;
    await step(session, [2, 2], "Start anew", { "list.txt": "eggs\n" });
    await session.rewind({ after: whole, only });
    await step(session, [4, 3], "Figs too", { "list.txt": "apples\nbread\ncheese\ndates\nfigs\n" });
    expect(await outline("list.txt", await Repository.open(session.worktree))).toBe(`
1 apples       Ada: First commit
2 bread        Ada: First commit
3 cheese       Ada: First commit
4 dates        bough/work step 1: Buy dates
5 figs         bough/work step 4: Figs too
`);
  },
);

test("lines are followed when their file is renamed, indented, and renamed again without a commit", async () => {
  const session = await start();
  const lines = ["apples from Bozen", "bread from Altamura", "cheese from Gruyères", "dates from Tunis"];
  await step(session, [1, 1], "say where from", { "list.txt": `${lines.join("\n")}\n` });
  await land(session);
  await user.git("mv", "--verbose", "list.txt", 'shopping "2".txt');
  await user.write({ 'shopping "2".txt': `${lines.map((line) => `    ${line}`).join("\n")}\n` });
  await user.commitAll("Indent");
  expect(await outline('shopping "2".txt')).toMatch(/4 {5}dates from Tunis bough\/work step 1: say where from, landed/);
  renameSync(join(user.path, 'shopping "2".txt'), join(user.path, "moved.txt"));
  expect(await outline("moved.txt")).toMatch(/4 {5}dates from Tunis bough\/work step 1: say where from, landed/);
  await user.git("add", "--verbose", "--all");
  expect(await outline("moved.txt")).toMatch(/4 {5}dates from Tunis bough\/work step 1: say where from, landed/);
});

/** Where a line goes, as a share of the lines there are, and how many of those there give way to it. */
const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), gone: fc.nat({ max: 2 }) });
/** Steps of one session after another, each landed at its end; the user commits an edit of their own in between. */
const sessions = fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });

test("whatever the edits, each line leads to what brought it in", { timeout: 60_000 }, async () => {
  let name = 0;
  await fc.assert(
    fc.asyncProperty(sessions, edit, async (lines, byHand) => {
      await using other = await temporaryRepository({
        enter: true,
        files: { "f.txt": "the very first line of all\n" },
      });
      const found = await Repository.open(other.path);
      let content = ["the very first line of all"];
      const change = ({ at, gone }: { at: number; gone: number }, text: string) => {
        content = content.toSpliced(Math.floor(at * content.length), gone, text);
        return { "f.txt": `${content.join("\n")}\n` };
      };
      for (const edits of lines) {
        await using session = await startSession(found, { name: `s${name++}`, config: { text: "", extra: {} } });
        await session.ready;
        for (const [i, one] of edits.entries()) {
          const text = `${session.branch} step ${i + 1}`;
          await step(session, [i + 1, i + 1], "go", change(one, text));
        }
        await other.git("read-tree", "-u", "-m", "HEAD", session.tip);
        await other.commitAll(`Land\n\nAgent-Session: ${session.id}\nAgent-Tip: ${session.tip}`);
        await other.write(change(byHand, `Ada after ${session.branch}`));
        await other.commitAll(`after ${session.branch}`);
      }
      const { origins } = await why(found, "f.txt");
      for (const origin of origins) {
        const expected =
          origin.type === "step"
            ? `${origin.branch} step ${origin.step}`
            : origin.type === "commit" && origin.subject !== "First commit"
              ? `${origin.author} ${origin.subject}`
              : "the very first line of all";
        for (const { text } of origin.lines) expect(text.split("\n")).toEqual(text.split("\n").map(() => expected));
      }
      expect(origins.flatMap((origin) => origin.lines.flatMap(({ text }) => text.split("\n"))).sort()).toEqual(
        content.toSorted(),
      );
    }),
    { numRuns: 6 },
  );
});

test("edits that are not committed say so, and the other lines keep their origin", async () => {
  await user.write({ "list.txt": "apples\nbread, sliced\ncheese\n", "new.txt": "one\ntwo" });
  expect(await outline("list.txt")).toMatchInlineSnapshot(`
    "
    1 apples       Ada: First commit
    2 bread, sliced not committed
    3 cheese       Ada: First commit
    "
  `);
  expect((await why(repository, "new.txt")).origins).toEqual([
    { type: "uncommitted", lines: [{ first: 1, last: 2, text: "one\ntwo" }] },
  ]);
});

test("before the first commit, and of an empty file, nothing is committed", async () => {
  await using unborn = await temporaryRepository({ head: "unborn", files: { "a.txt": "one\n", "empty.txt": "" } });
  const found = await Repository.open(unborn.path);
  expect((await why(found, "a.txt", 1)).origins).toMatchObject([{ type: "uncommitted" }]);
  expect(await why(found, "empty.txt")).toEqual({ path: "empty.txt", origins: [] });
});

test("a file that was deleted is told as the last commit has it", async () => {
  await user.write({ "list.txt": undefined });
  expect((await why(repository, "list.txt", 2)).origins).toMatchObject([{ author: "Ada", lines: [{ text: "bread" }] }]);
});

test("line endings that git converts make no line anybody's", async () => {
  await user.git("config", "core.autocrlf", "true");
  await user.write({ "list.txt": "apples\r\nbread\r\ncheese, blue\r\n" });
  const { origins } = await why(repository, "list.txt");
  expect(origins).toMatchObject([
    { subject: "First commit", lines: [{ first: 1, last: 2 }] },
    { type: "uncommitted", lines: [{ first: 3, last: 3 }] },
  ]);
});

test("a repository of SHA-256, and a cache folder with a colon, make no difference", async () => {
  await using other = await temporaryRepository({ enter: true, objectFormat: "sha256", files: { "a.txt": "one\n" } });
  process.env.XDG_CACHE_HOME = join(other.folder, 'a:b"c');
  await other.write({ "a.txt": "one\ntwo\n" });
  expect((await why(await Repository.open(other.path), "a.txt")).origins).toMatchObject([
    { author: "Ada", lines: [{ text: "one" }] },
    { type: "uncommitted", lines: [{ text: "two" }] },
  ]);
});

test("a path is taken from the folder the user stands in", async () => {
  await user.write({ "src/deep/a.txt": "one\n" });
  await user.commitAll("Deep");
  const below = await Repository.open(join(user.path, "src", "deep"));
  expect(await why(below, "a.txt")).toMatchObject({ path: "src/deep/a.txt", origins: [{ subject: "Deep" }] });
  expect(await why(below, "../../list.txt")).toMatchObject({ path: "list.txt" });
  expect(await why(below, join(user.path, "list.txt"))).toMatchObject({ path: "list.txt" });
});

test.each([
  ["a file that is not there", "lits.txt", undefined, { name: "UnknownPathError", known: ["list.txt"] }],
  ["git's own folder", ".git/config", undefined, { name: "UnknownPathError" }],
  ["a path outside", "../home/.gitconfig", undefined, { reason: "outside" }],
  ["a folder", ".", undefined, { reason: "unreadable" }],
  ["a line after the last", "list.txt", 4, { message: "There is no line 4 in list.txt: it has 3 lines." }],
  ["a line before the first", "list.txt", 0, { reason: "unknown-line" }],
])("%s is refused", async (_, file, line, error) => {
  await expect(why(repository, file, line)).rejects.toMatchObject(error);
});

test("asking leaves nothing behind and runs nothing of the repository's", async () => {
  const session = await start();
  await step(session, [1, 1], "add dates", { "list.txt": "apples\nbread\ncheese\ndates\n" });
  await land(session);
  const planted = join(user.folder, "planted");
  await user.write({
    ".gitattributes": "* diff=evil filter=evil\n",
    "list.txt": "apples\nbread\ncheese\ndates\nmore\n",
  });
  for (const key of ["diff.evil.textconv", "filter.evil.clean", "core.fsmonitor"]) {
    await user.git("config", key, `touch ${planted} && cat`);
  }
  const objects = () => readdirSync(join(user.path, ".git", "objects"), { recursive: true }).sort();
  const before = [await user.fingerprint(), objects()];
  expect(await outline("list.txt")).toMatch(
    /4 dates .* bough\/work step 1: add dates, landed\n5 more .* not committed/,
  );
  expect([await user.fingerprint(), objects()]).toEqual(before);
  expect(readdirSync(user.folder)).not.toContain("planted");
});
