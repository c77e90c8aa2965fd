import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RepositoryError } from "./errors.ts";
import { forkSession } from "./fork-session.ts";
import { landSession } from "./land.ts";
import { formatMessage } from "./message.ts";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import type { NewStep, Session } from "./session.ts";
import { type LogOptions, readLog, type SessionLog } from "./session-log.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

let user: TemporaryRepository;
let repository: Repository;
const open: Session[] = [];

beforeEach(async () => {
  user = await temporaryRepository({ files: { "a.txt": "one\ntwo\n" } });
  for (const [name, value] of Object.entries(user.env)) vi.stubEnv(name, value);
  repository = await Repository.open(user.path);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
  vi.unstubAllEnvs();
  await user[Symbol.asyncDispose]();
});

const author = { name: "model (bough)", email: "bough@localhost" };
const ask = (text: string): Block => ({ type: "user", text });
const say = (text: string): Block => ({ type: "assistant", text });
const call = (name: string, id: string): Block[] => [
  { type: "call", name, id, text: "{}" },
  { type: "result", name, id, text: "" },
];

async function start(name: string): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "", extra: { model: "test/one" } } });
  open.push(session);
  await session.ready;
  return session;
}

/** Commits a step that writes the given files. */
async function step(
  session: Session,
  subject: string,
  record: NewStep,
  files: Record<string, string | Uint8Array> = {},
) {
  for (const [path, content] of Object.entries(files)) writeFileSync(join(session.worktree, path), content);
  return session.commit(record, { subject, author, changes: "scan", always: true });
}

/** A session of two turns, the first of one step and the second of three. */
async function twoTurns(): Promise<Session> {
  const session = await start("work");
  const extra = { model: "test/one", usage: { input: 100, output: 10, cacheRead: 5, cacheWrite: 0, cost: 0.25 } };
  await step(session, "It counts", { step: 1, turn: 1, extra, blocks: [ask("what is it?"), say("It counts.")] });
  await session.keep({ step: 2, turn: 2, extra, blocks: [ask("count further"), ...call("Read", "1")] });
  const files = { "a.txt": "one\n2\nthree\n", "b.bin": Uint8Array.of(0, 1) };
  await step(session, "Count on", { step: 3, turn: 2, extra, blocks: [say("On it."), ...call("Edit", "2")] }, files);
  await step(session, "Done", { step: 4, turn: 2, extra, blocks: [say("Done.")] });
  return session;
}

/** A line for each entry, as short as it can be. */
function outline(logs: readonly SessionLog[]): string {
  const lines = logs.flatMap(({ branch, entries, start }) => [
    `${branch}`,
    ...entries.map((entry) =>
      entry.type === "outside"
        ? `  by ${entry.author}: ${entry.subject}`
        : `  ${entry.commit === undefined ? "pending" : entry.subject}, turn ${entry.turn} (${entry.prompt}): ${entry.steps
            .map(({ step, rewound }) => `${step}${rewound ? " rewound" : ""}`)
            .join(" ")}`,
    ),
    `  from ${start === undefined ? "earlier steps" : (start.forkedFrom ?? "the base")}`,
  ]);
  return `\n${lines.join("\n")}\n`;
}

const read = async (options?: LogOptions) => outline(await readLog(repository, options));

test("a repository without sessions has no log", async () => {
  expect(await readLog(repository)).toEqual([]);
  expect(await readLog(repository, { all: true })).toEqual([]);
});

test("turns and steps come newest first, back to where the session started", async () => {
  const session = await twoTurns();
  const before = await user.fingerprint();
  expect(await read()).toMatchInlineSnapshot(`
    "
    bough/work
      Done, turn 2 (count further): 4
      Count on, turn 2 (count further): 2 3
      It counts, turn 1 (what is it?): 1
      from the base
    "
  `);
  const [log] = await readLog(repository);
  expect(log).toMatchObject({ session: session.id, start: { commit: await user.git("rev-parse", "main") } });
  expect(await user.fingerprint()).toBe(before);
});

test("an entry tells commit, steps, files with their lines, model, tokens and cost", async () => {
  const session = await twoTurns();
  const [log] = await readLog(repository);
  expect(log?.entries[1]).toEqual({
    type: "steps",
    commit: await user.git("rev-parse", "bough/work~1"),
    session: session.id,
    branch: "bough/work",
    date: expect.any(Date),
    subject: "Count on",
    turn: 2,
    prompt: "count further",
    steps: [
      { step: 2, turn: 2, text: "", tools: ["Read"], rewound: false },
      { step: 3, turn: 2, text: "On it.", tools: ["Edit"], rewound: false },
    ],
    files: [
      { path: "a.txt", from: undefined, added: 2, removed: 1 },
      { path: "b.bin", from: undefined, added: undefined, removed: undefined },
    ],
    landings: [],
    model: "test/one",
    usage: { input: 200, output: 20, cacheRead: 10, cacheWrite: 0 },
    cost: 0.5,
  });
});

test("what was landed is told at the commit that landed, with the user's branch and their commit", async () => {
  const session = await twoTurns();
  await landSession(repository, session);
  const first = await user.git("rev-parse", "main");
  await user.git("switch", "--quiet", "--detach");
  await step(session, "More", { step: 5, turn: 3, blocks: [ask("more"), say("More.")] }, { "c.txt": "more\n" });
  await landSession(repository, session);
  const [log] = await readLog(repository);
  expect(log?.entries.map(({ subject, landings }) => [subject, landings])).toEqual([
    ["More", [{ commit: await user.git("rev-parse", "HEAD"), branch: undefined, date: expect.any(Date) }]],
    ["Done", [{ commit: first, branch: "main", date: expect.any(Date) }]],
    ["Count on", []],
    ["It counts", []],
  ]);
});

test("what landed before a younger session began is told too", async () => {
  const session = await twoTurns();
  await landSession(repository, session);
  await step(await start("younger"), "Look", { step: 1, turn: 1, blocks: [ask("look"), say("Look.")] });
  const logs = await readLog(repository, { all: true });
  expect(
    logs.flatMap(({ entries }) => entries.flatMap(({ subject, landings }) => landings.map(() => subject))),
  ).toEqual(["Done"]);
});

test("a merge tells which session came in, and where it stood", async () => {
  const session = await twoTurns();
  const fork = await resumeSession(repository, "bough/work~2");
  open.push(fork);
  await fork.ready;
  const record = { step: fork.lastStep + 1, turn: 2, blocks: [ask("another way"), say("Elsewhere.")] };
  await step(fork, "Elsewhere", record, { "c.txt": "elsewhere\n" });
  await session.merge(fork.branch);
  const [log] = await readLog(repository, { revision: session.branch });
  expect(log?.entries.flatMap((entry) => (entry.type === "outside" ? entry.merged : []))).toEqual([
    { commit: fork.tip, session: fork.id, branch: "bough/work.1" },
  ]);
});

test("what the user committed in between is shown as theirs", async () => {
  const session = await twoTurns();
  writeFileSync(join(session.worktree, "a.txt"), "by hand\n");
  await session.commitByHand();
  await step(session, "Thanks", { step: 5, turn: 3, blocks: [ask("look"), say("Thanks.")] });
  expect(await read()).toMatchInlineSnapshot(`
    "
    bough/work
      Thanks, turn 3 (look): 5
      by Ada: By hand: a.txt
      Done, turn 2 (count further): 4
      Count on, turn 2 (count further): 2 3
      It counts, turn 1 (what is it?): 1
      from the base
    "
  `);
});

test("steps that no commit holds yet stand on top", async () => {
  const session = await twoTurns();
  await session.keep({ step: 5, turn: 3, blocks: [ask("go on"), { type: "call", name: "Bash", id: "9", text: "{}" }] });
  expect(await read({ limit: 2 })).toMatchInlineSnapshot(`
    "
    bough/work
      pending, turn 3 (go on): 5
      Done, turn 2 (count further): 4
      from earlier steps
    "
  `);
});

test("a limit keeps the newest entries, with the prompt of a turn that began earlier", async () => {
  await twoTurns();
  expect(await read({ limit: 1 })).toMatchInlineSnapshot(`
    "
    bough/work
      Done, turn 2 (count further): 4
      from earlier steps
    "
  `);
});

test("a limit that ends at a commit of no step keeps the prompt of the turn above it", async () => {
  const session = await twoTurns();
  writeFileSync(join(session.worktree, "a.txt"), "by hand\n");
  await session.commitByHand();
  await step(session, "And done", { step: 5, turn: 2, blocks: [say("And done.")] });
  expect(await read({ limit: 2 })).toMatchInlineSnapshot(`
    "
    bough/work
      And done, turn 2 (count further): 5
      by Ada: By hand: a.txt
      from earlier steps
    "
  `);
});

test("a fork's log goes on into the session it left, and with all of them each step is told once", async () => {
  await twoTurns();
  const fork = await resumeSession(repository, "bough/work~2");
  open.push(fork);
  await fork.ready;
  await step(fork, "Elsewhere", { step: fork.lastStep + 1, turn: 2, blocks: [ask("another way"), say("Elsewhere.")] });
  expect(await read({ revision: fork.branch })).toMatchInlineSnapshot(`
    "
    bough/work.1
      Elsewhere, turn 2 (another way): 3
      It counts, turn 1 (what is it?): 1
      from the base
    "
  `);
  const all = await readLog(repository, { all: true });
  const byBranch = all.toSorted((a, b) => String(a.branch).localeCompare(String(b.branch)));
  expect(outline(byBranch)).toMatchInlineSnapshot(`
    "
    bough/work
      Done, turn 2 (count further): 4
      Count on, turn 2 (count further): 2 3
      It counts, turn 1 (what is it?): 1
      from the base
    bough/work.1
      Elsewhere, turn 2 (another way): 3
      from bough/work
    "
  `);
});

test("a fork for a sub-agent is told from others, before its first step is committed too", async () => {
  await twoTurns();
  for (const subAgent of [true, false]) {
    const fork = await forkSession(repository, { from: "work", subAgent });
    open.push(fork);
    await fork.ready;
  }
  const all = await readLog(repository, { all: true });
  const kinds = all.map(({ branch, subAgent }) => `${branch}${subAgent ? " is a sub-agent's" : ""}`);
  expect(kinds.sort()).toEqual(["bough/work", "bough/work.1 is a sub-agent's", "bough/work.2"]);
});

test("a session that has done nothing yet has an empty log, and the user's history is no part of it", async () => {
  await start("fresh");
  expect(await read()).toMatchInlineSnapshot(`
    "
    bough/fresh
      from the base
    "
  `);
});

test("steps that were taken back are marked", async () => {
  const session = await twoTurns();
  await step(session, "Rewound", { step: 5, turn: 2, blocks: [{ type: "rewind", to: 1, text: "" }] });
  await step(session, "Again", { step: 6, turn: 3, blocks: [ask("differently"), say("Sure.")] });
  expect(await read()).toMatchInlineSnapshot(`
    "
    bough/work
      Again, turn 3 (differently): 6
      Rewound, turn 2 (count further): 5
      Done, turn 2 (count further): 4 rewound
      Count on, turn 2 (count further): 2 rewound 3 rewound
      It counts, turn 1 (what is it?): 1
      from the base
    "
  `);
});

test("a branch that came from elsewhere is read by its revision, though nothing of bough's own came with it", async () => {
  await twoTurns();
  const clone = join(user.folder, "clone");
  await user.git("clone", "--quiet", user.path, clone);
  repository = await Repository.open(clone);
  expect(await readLog(repository, { all: true })).toEqual([]);
  expect(await read({ revision: "origin/bough/work" })).toMatchInlineSnapshot(`
    "
    undefined
      Done, turn 2 (count further): 4
      Count on, turn 2 (count further): 2 3
      It counts, turn 1 (what is it?): 1
      from the base
    "
  `);
});

test("any commit of a session is enough to read what led to it", async () => {
  await twoTurns();
  expect(await read({ revision: "bough/work~1" })).toMatchInlineSnapshot(`
    "
    bough/work
      Count on, turn 2 (count further): 2 3
      It counts, turn 1 (what is it?): 1
      from the base
    "
  `);
});

test("files with any name, moved or not, are told from the commits that follow", async () => {
  const session = await start("names");
  const hash = "0123456789abcdef0123456789abcdef01234567";
  await step(
    session,
    "Odd",
    { step: 1, turn: 1, blocks: [ask("names"), say("Odd.")] },
    { "1\t2\tx\ny": "odd\n", "ü b": "1\n2\n3\n" },
  );
  rmSync(join(session.worktree, "ü b"));
  await step(session, "Move", { step: 2, turn: 1, blocks: [say("Move.")] }, { [hash]: "1\n2\n3\n" });
  const [log] = await readLog(repository);
  expect(log?.entries.map(({ files }) => files)).toEqual([
    [{ path: hash, from: "ü b", added: 0, removed: 0 }],
    [
      { path: "1\t2\tx\ny", from: undefined, added: 1, removed: 0 },
      { path: "ü b", from: undefined, added: 3, removed: 0 },
    ],
  ]);
});

test("what the records hold that is no model, usage or cost counts as unknown", async () => {
  const session = await start("odd");
  const extra = { model: 7, usage: { input: "many", output: 3, cost: "free" } };
  await step(session, "Odd", { step: 1, turn: 1, extra, blocks: [ask("hi"), say("Odd.")] });
  const [log] = await readLog(repository);
  expect(log?.entries[0]).toMatchObject({ model: undefined, usage: { input: 0, output: 3 }, cost: undefined });
});

test("an unknown revision and one that no session led to are refused", async () => {
  await twoTurns();
  await expect(readLog(repository, { revision: "nowhere" })).rejects.toMatchObject({ reason: "unknown-revision" });
  await expect(readLog(repository, { revision: "main" })).rejects.toThrow(
    new RepositoryError("no-session", 'No session led to "main". "bough sessions" lists those there are.'),
  );
});

test("nothing that the repository's configuration names is run", async () => {
  const session = await start("quiet");
  const ran = join(user.folder, "ran");
  writeFileSync(join(user.folder, "script"), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
  for (const key of ["diff.external", "diff.evil.textconv", "core.fsmonitor"]) {
    await user.git("config", key, join(user.folder, "script"));
  }
  await step(
    session,
    "Edit",
    { step: 1, turn: 1, blocks: [ask("x"), say("Edit.")] },
    { ".gitattributes": "* diff=evil\n", "a.txt": "x\n" },
  );
  await readLog(await Repository.open(user.path), { all: true });
  expect(() => rmSync(ran)).toThrow(/ENOENT/);
  await user.git("log", "-p", "--ext-diff", "-1", "bough/quiet");
  rmSync(ran);
});

test("messages that only look like a session's do not lead into the user's history", async () => {
  const session = await twoTurns();
  const message = formatMessage({
    subject: "Not ours",
    records: [{ session: "01zzzzzzzzzzzzzzzzzzzzzzzz", step: 9, turn: 9, blocks: [say("hello")] }],
  });
  writeFileSync(join(user.folder, "message"), message);
  const foreign = await user.git(
    "commit-tree",
    "bough/work^{tree}",
    "-p",
    "bough/work",
    "-F",
    join(user.folder, "message"),
  );
  await session.close();
  await user.git("update-ref", "refs/heads/bough/work", foreign);
  const [log] = await readLog(repository, { revision: session.id });
  expect(log?.entries[0]).toMatchObject({ type: "outside", subject: "Not ours" });
});
