import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Conversation } from "./fold.ts";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

const author = { name: "m (bough)", email: "bough@localhost" };
const config = { text: "be good", extra: { model: "m" } };

function open() {
  return temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
}

async function start(repository: TemporaryRepository, name = "fix"): Promise<Session> {
  const session = await startSession(await Repository.open(repository.path), { name, config });
  await session.ready;
  return session;
}

/** A step without changes of its own; it waits for the next commit unless it ends its turn. */
function say(session: Session, step: number, turn: number, text: string, always = false) {
  const type = text.startsWith("prompt") ? "user" : "assistant";
  const record = { step, turn, blocks: [{ type, text } as const] };
  return session.commit(record, { subject: text, author, changes: [], always });
}

/** A step that writes the file of its number. */
async function edit(session: Session, step: number, turn: number, text = `step ${step}`) {
  await session.ready;
  await writeFile(join(session.worktree, `${step}.txt`), `${step}\n`);
  const record = { step, turn, blocks: [{ type: text.startsWith("prompt") ? "user" : "assistant", text } as const] };
  return session.commit(record, { subject: text, author, changes: "scan" });
}

/** Two turns: a question and two steps that write, then two edits; the last commit ends the second. */
async function twoTurns(session: Session): Promise<void> {
  await say(session, 1, 1, "prompt one");
  await edit(session, 2, 1);
  await say(session, 3, 1, "answer one", true);
  await say(session, 4, 2, "prompt two");
  await say(session, 5, 2, "step 5");
  await edit(session, 6, 2);
  await say(session, 7, 2, "answer two", true);
}

function outline({ entries }: Conversation) {
  return entries.map((entry) => (entry.type === "step" ? entry.step : entry.subject));
}

async function filesOf({ worktree, ready }: Session) {
  await ready;
  const names = (await readdir(worktree)).filter((name) => name !== ".git").sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(worktree, name), "utf8")] as const)),
  );
}

async function fork(repository: TemporaryRepository, options: Parameters<typeof forkSession>[1]) {
  return forkSession(await Repository.open(repository.path), options);
}

test("a fork from now goes on beside the session, with its configuration", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await twoTurns(session);
  await using forked = await fork(repository, {});
  expect(forked).toMatchObject({ id: `${session.id}.7-1`, branch: "bough/fix.1", tip: session.tip, lastStep: 8 });
  const { entries, config: carried } = await forked.conversation();
  expect([entries.length, carried]).toEqual([9, { type: "config", ...config }]);
  await edit(forked, 9, 3, "prompt three");
  await edit(session, 8, 3, "prompt three");
  expect(await repository.git("log", "--graph", "--format=%s", "bough/fix", "bough/fix.1")).toMatchInlineSnapshot(`
    "* prompt three
    | * prompt three
    |/  
    * answer two
    * bough: step 6
    * answer one
    * bough: step 2
    * First commit"
  `);
});

test("a fork from before a prompt has what stood there when it was given, the user's own edits included", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await say(session, 1, 1, "prompt one", true);
  await writeFile(join(session.worktree, "mine.txt"), "mine\n");
  await session.commitByHand();
  await edit(session, 2, 2, "prompt two");
  await using forked = await fork(repository, { from: "fix", before: 2 });
  expect(outline(await forked.conversation())).toEqual([0, 1, "By hand: mine.txt", 2]);
  expect(await filesOf(forked)).toEqual({ "a.txt": "one\n", "mine.txt": "mine\n" });
});

test("a fork from before the first prompt stands on what the session started from", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await twoTurns(session);
  await using forked = await fork(repository, { from: "fix", before: 1 });
  expect(forked).toMatchObject({ id: `${session.id}.0-1`, tip: await repository.git("rev-parse", "main") });
  expect(outline(await forked.conversation())).toEqual([0, 1]);
  expect(await forked.base()).toBe(forked.tip);
});

test("a fork from the middle of a turn waits with the steps that no commit up to there holds", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await twoTurns(session);
  await using forked = await fork(repository, { from: "fix", after: 5 });
  expect(outline(await forked.conversation())).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(await filesOf(forked)).toEqual({ "2.txt": "2\n", "a.txt": "one\n" });
  expect(await forked.recover(author)).toBeUndefined();
  await edit(forked, 7, 3, "prompt other");
  await forked.close();
  await using again = await resumeSession(await Repository.open(repository.path), "bough/fix.1");
  expect(outline(await again.conversation())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a step that no commit holds yet is forked after too", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await say(session, 1, 1, "prompt one");
  await say(session, 2, 1, "step 2");
  await say(session, 3, 1, "step 3");
  await using forked = await fork(repository, { after: 2 });
  expect(outline(await forked.conversation())).toEqual([0, 1, 2, 3]);
  expect(forked.id).toBe(`${session.id}.2-1`);
});

test("a commit is forked after by its revision, and has to be one of the session that was named", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await twoTurns(session);
  const revision = "bough/fix~2";
  const commit = await repository.git("rev-parse", revision);
  for (const options of [{ after: revision }, { from: "fix", after: commit }, { from: commit }]) {
    await using forked = await fork(repository, options);
    expect([forked.tip, outline(await forked.conversation())]).toEqual([commit, [0, 1, 2, 3, 4]]);
  }
  await expect(fork(repository, { from: "fix", after: "main" })).rejects.toThrow(
    'main is no commit of the session of fix. "bough log fix" shows what there is.',
  );
});

test("a turn that was rewound is still forked from", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await twoTurns(session);
  const rewind: Block = { type: "rewind", to: 3, text: "" };
  await session.commit(
    { step: 8, turn: 2, blocks: [rewind] },
    { subject: "Rewind", author, changes: [], always: true },
  );
  await using now = await fork(repository, { from: "fix" });
  expect(outline(await now.conversation())).toEqual([0, 1, 2, 3, 8, 9]);
  await using forked = await fork(repository, { from: "fix", after: 7 });
  expect(outline(await forked.conversation())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("what there is no moment of is refused, and nothing is made", async () => {
  await using repository = await open();
  await expect(fork(repository, {})).rejects.toThrow(/^There is no session in .* to fork\. Start one: bough -p "…"\.$/);
  await using session = await start(repository);
  await twoTurns(session);
  const before = await repository.fingerprint();
  const refused = [
    [{ before: 3 }, 'There is no prompt 3 in the session of fix. "bough log fix" shows what there is.'],
    [{ after: 8 }, "There is no step 8 in the session of fix."],
    [{ from: "nothing" }, '"nothing" names no branch, commit or session here.'],
    [{ from: "main" }, "No session led to "],
    [{ name: "fix" }, 'There is, or was, a session named "fix".'],
    [{ name: "Fix it" }, '"Fix it" cannot name a session.'],
  ] as const;
  for (const [options, message] of refused) await expect(fork(repository, options)).rejects.toThrow(message);
  expect(await repository.fingerprint()).toBe(before);
});

test("after a step that waited while another session was merged, a fork has the files of before the merge", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await using other = await start(repository, "other");
  await edit(other, 5, 1, "prompt other");
  await edit(session, 1, 1, "prompt one");
  await say(session, 2, 1, "step 2");
  await session.merge("bough/other");
  await using forked = await fork(repository, { from: "fix", after: 2 });
  expect(outline(await forked.conversation())).toEqual([0, 1, 2, 3]);
  expect(await filesOf(forked)).toEqual({ "1.txt": "1\n", "a.txt": "one\n" });
});

test("names and ids are not used twice, whatever became of the fork that had them", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await using first = await fork(repository, {});
  await using named = await fork(repository, { from: "fix", name: "other" });
  await first.close();
  await repository.git("worktree", "remove", "--force", first.worktree);
  await repository.git("branch", "-D", "bough/fix.1");
  await repository.git("update-ref", `refs/bough/archive/fix.2-${session.id}.0-7`, "main");
  await using next = await fork(repository, { from: "fix" });
  await using below = await fork(repository, { from: "other" });
  expect([named.id, next.id, next.name]).toEqual([`${session.id}.0-2`, `${session.id}.0-8`, "fix.3"]);
  expect([below.id, below.name]).toEqual([`${session.id}.0-2.1-1`, "other.1"]);
});

test("forks that are made at once are sessions of their own", async () => {
  await using repository = await open();
  await using session = await start(repository);
  const opened = await Repository.open(repository.path);
  const forks = await Promise.all([1, 2, 3, 4].map(() => forkSession(opened, { from: "fix" })));
  // Two that meet leave a gap in the numbers, and never share one.
  expect(new Set(forks.map(({ id }) => id)).size).toBe(4);
  expect(new Set(forks.map(({ branch }) => branch)).size).toBe(4);
  expect(forks.map(({ id }) => id)).toEqual(forks.map(() => expect.stringMatching(`^${session.id}\\.0-\\d+$`)));
  await Promise.all(forks.map((forked) => forked.close()));
});

test("a commit with a step that was picked from another session is forked as the session's own", async () => {
  await using repository = await open();
  await using other = await start(repository, "other");
  await edit(other, 1, 1, "prompt other");
  await using session = await start(repository);
  await say(session, 1, 1, "prompt one", true);
  await repository.git("-C", session.worktree, "cherry-pick", other.tip);
  const picked = await repository.git("rev-parse", "bough/fix");
  await using forked = await fork(repository, { from: `${picked}^0` });
  expect([forked.id, outline(await forked.conversation())]).toEqual([`${session.id}.1-1`, [0, 1, "prompt other", 2]]);
});

test("a session's branch in another clone becomes one of the same name here, and goes on", async () => {
  await using repository = await open();
  await using session = await start(repository);
  await twoTurns(session);
  const clone = join(repository.folder, "clone");
  await repository.git("clone", "--quiet", repository.path, clone);
  const cloned = await Repository.open(clone);
  await using again = await resumeSession(cloned, "origin/bough/fix");
  expect(again).toMatchObject({ id: session.id, branch: "bough/fix", tip: session.tip, lastStep: 7 });
  expect(outline(await again.conversation())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(await filesOf(again)).toEqual(await filesOf(session));
  await edit(again, 8, 3, "prompt three");
  await using forked = await resumeSession(cloned, "origin/bough/fix");
  expect(forked).toMatchObject({ id: `${session.id}.7-1`, branch: "bough/fix.1", tip: session.tip });
});

/** What a person who was there remembers of a moment. */
interface Moment {
  readonly name: string;
  readonly outline: readonly (number | string)[];
  readonly files: Readonly<Record<string, string>>;
}

const act = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("chat", "edit", "end") },
  { weight: 1, arbitrary: fc.constant("by hand") },
  { weight: 1, arbitrary: fc.record({ rewindBy: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ forkAfter: fc.nat(9) }) },
);

test("wherever a history is forked, the fork has the files and the conversation of that moment", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 14 }), fc.infiniteStream(fc.nat(99)), async (acts, picks) => {
      await using repository = await open();
      await using stack = new AsyncDisposableStack();
      let session = stack.use(await start(repository));
      let now: Moment = { name: "fix", outline: [0], files: { "a.txt": "one\n" } };
      let before = new Map<number, Moment>();
      let after = new Map<number, Moment>([[0, now]]);
      let isPending = true;
      let edits = 0;
      for (const what of acts) {
        const step = session.lastStep + 1;
        if (what === "by hand") {
          // What changes while steps wait is theirs.
          if (isPending) continue;
          const name = `hand${++edits}.txt`;
          await writeFile(join(session.worktree, name), "mine\n");
          await session.commitByHand();
          const outline = [...now.outline, `By hand: ${name}`];
          now = { ...now, outline, files: { ...now.files, [name]: "mine\n" } };
          continue;
        }
        if (typeof what === "object" && "forkAfter" in what) {
          const at = [...after.keys()][what.forkAfter % after.size] ?? 0;
          session = stack.use(await fork(repository, { from: now.name, after: at }));
          await session.ready;
          const left = after.get(at) ?? now;
          now = { ...left, name: session.name, outline: [...left.outline, session.lastStep] };
          const known = <Value>(moments: Map<number, Value>) => new Map([...moments].filter(([n]) => n <= at));
          [before, after] = [known(before), known(after).set(session.lastStep, now)];
          isPending = true;
          continue;
        }
        before.set(step, now);
        if (typeof what === "object") {
          const to = [...after.keys()].at(-1 - (what.rewindBy % after.size)) ?? 0;
          const blocks: Block[] = [
            { type: "rewind", to, text: "" },
            { type: "user", text: "again" },
          ];
          await session.commit({ step, turn: step, blocks }, { subject: "Rewind", author, changes: [], always: true });
          now = { ...now, outline: [...(after.get(to)?.outline ?? []), step] };
        } else {
          if (what === "edit") await edit(session, step, step, `prompt ${step}`);
          else await say(session, step, step, `prompt ${step}`, what === "end");
          const files = what === "edit" ? { ...now.files, [`${step}.txt`]: `${step}\n` } : now.files;
          now = { ...now, files, outline: [...now.outline, step] };
        }
        isPending = what === "chat";
        after.set(step, now);
      }
      const moments = [
        ...[...before].map(([turn, moment]) => ({ moment, options: { before: turn } })),
        ...[...after].map(([step, moment]) => ({ moment, options: { after: step } })),
        { moment: now, options: {} },
      ];
      for (const pick of picks.take(3)) {
        const { moment, options } = moments[pick % moments.length] ?? { moment: now, options: {} };
        await using forked = await fork(repository, { from: now.name, ...options });
        expect(outline(await forked.conversation())).toEqual([...moment.outline, forked.lastStep]);
        expect(await filesOf(forked)).toEqual(moment.files);
      }
    }),
    { numRuns: 8 },
  );
});
