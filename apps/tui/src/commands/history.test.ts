import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { Repository, type Session, startSession } from "@bough/gitstate";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "../main.ts";

let user: TemporaryRepository;
let session: Session;

beforeEach(async () => {
  user = await temporaryRepository({ files: { "client.py": "import requests\n" } });
  for (const [name, value] of Object.entries(user.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  await session?.close();
  vi.unstubAllEnvs();
  await user[Symbol.asyncDispose]();
});

async function oneTurn(): Promise<void> {
  session = await startSession(await Repository.open(user.path), {
    name: "use-httpx",
    config: { text: "", extra: { model: "test/one", tools: ["Edit", "Bash"] } },
  });
  await session.ready;
  writeFileSync(join(session.worktree, "client.py"), "import httpx\n");
  const record = {
    step: 1,
    turn: 1,
    extra: { model: "test/one", usage: { input: 1200, output: 30, cost: 0.5 } },
    blocks: [
      { type: "user", text: "use httpx" },
      { type: "assistant", text: "Done." },
    ],
  } as const;
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  await session.commit(record, { subject: "Done", author, changes: "scan", always: true });
}

/** Runs the program in the repository; what depends on the moment or the machine is replaced. */
const bough = (...args: string[]) => run(args, { isTTY: false });

async function run(args: readonly string[], { isTTY }: { isTTY: boolean }) {
  const written = { stdout: "", stderr: "" };
  const code = await main([...args, "--cwd", user.path], {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: { isTTY, write: (text) => (written.stdout += typeof text === "string" ? text : Buffer.from(text)) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  const stable = (text: string) =>
    text
      .replaceAll(session?.tip ?? "-", "<tip>")
      .replaceAll(session?.tip.slice(0, 9) ?? "-", "<tip 9  >")
      .replaceAll(user.folder, "<folder>")
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "<date> UTC")
      .replace(/[0-9a-f]{9} {2}where/, "<base>  where")
      .replace(/repository-[0-9a-f]{8}/, "repository-<key>");
  return { code, stdout: stable(written.stdout), stderr: stable(written.stderr) };
}

test("log draws what happened in the session that moved last", async () => {
  await oneTurn();
  const { code, stdout } = await bough("log");
  expect(code).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx
    │
    ◆ turn 1  use httpx                                                     just now
    │ test/one · 1.2k in, 30 out · $0.50
    │ <tip 9  >  step 1  Done
    │            client.py +1 −1
    │
    ○ <base>  where it started
    "
  `);
});

test("show prints a commit as a transcript", async () => {
  await oneTurn();
  const { code, stdout } = await bough("show", "bough/use-httpx");
  expect(code).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    commit <tip>
    Done
    turn 1, step 1 · test/one · 1.2k in, 30 out · $0.50
    test/one (bough), <date> UTC, just now

    Configured · model test/one · tools Edit, Bash

    > use httpx

    Done.

     client.py  +1 −1

    diff --git a/client.py b/client.py
    index 20b1553..ecfbfd5 100644
    --- a/client.py
    +++ b/client.py
    @@ -1 +1 @@
    -import requests
    +import httpx
    "
  `);
});

test("diff prints a patch where it is piped to, and a page on a terminal", async () => {
  await oneTurn();
  const piped = await bough("diff");
  expect(piped.code).toBe(0);
  expect(`\n${piped.stdout}`).toMatchInlineSnapshot(`
    "
    diff --git a/client.py b/client.py
    index 20b15530dd259d47a077bafde4e99ff35e656c80..ecfbfd5fad0ca16ab152184869f402e1eb85b58f 100644
    --- a/client.py
    +++ b/client.py
    @@ -1 +1 @@
    -import requests
    +import httpx
    "
  `);
  const page = await run(["diff", "use-httpx"], { isTTY: true });
  expect(stripVTControlCharacters(page.stdout)).toMatch(
    /^[0-9a-f]{9} → <tip 9 {2}> {2}bough\/use-httpx\n\n client.py {2}\+1 −1\n\ndiff --git .*\+import httpx\n$/s,
  );
  expect((await bough("diff", "--stat", "main", "use-httpx")).stdout).toMatch(/use-httpx\n\n client.py {2}\+1 −1\n$/);
  expect((await bough("diff", "--side-by-side")).stdout).toMatch(/1 import requests +│ +1 import httpx\n$/);
  expect(JSON.parse((await bough("diff", "--json")).stdout)).toMatchObject({
    branch: "bough/use-httpx",
    to: "<tip>",
    files: [{ path: "client.py", from: null, added: 1, removed: 1 }],
    diff: piped.stdout.replace(/index .*/, "index 20b1553..ecfbfd5 100644"),
  });
});

test("export writes a transcript, JSON or a bundle", async () => {
  await oneTurn();
  const page = await bough("export");
  expect(page.code).toBe(0);
  expect(page.stdout).toMatch(/^# use httpx\n.*## Turn 1\n\n> use httpx\n\nDone\.\n\nCommit .*client.py` \+1 −1/s);
  expect(JSON.parse((await bough("export", "use-httpx", "--format", "json")).stdout)).toMatchObject({
    format: 1,
    branch: "bough/use-httpx",
    entries: [{ step: 0 }, { step: 1, commit: "<tip>", blocks: [{ type: "user", text: "use httpx" }, {}] }],
    commits: [{ commit: "<tip>", files: [{ path: "client.py" }] }],
  });
  expect((await bough("export", "--format", "bundle")).stdout).toMatch(/^# v2 git bundle\n/);
});

test("export writes to a file, and says when it cannot", async () => {
  await oneTurn();
  expect(await bough("export", "--format", "bundle", "-o", "../work.bundle")).toEqual({
    code: 0,
    stdout: "",
    stderr: "",
  });
  expect(await user.git("bundle", "list-heads", "../work.bundle")).toBe(`${session.tip} refs/heads/bough/use-httpx`);
  expect(await bough("export", "-o", "nowhere/page.md")).toMatchObject({
    code: 42,
    stderr: "bough: Cannot write the export to nowhere/page.md: there is no such folder. Name another file with -o.\n",
  });
});

test("an export holds nothing that a terminal obeys or hides, wherever it goes, and a bundle does not go to one", async () => {
  await oneTurn();
  const step = { step: 2, turn: 2, blocks: [{ type: "user", text: "\x1b[2J\u202e" }] } as const;
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  await session.commit(step, { subject: "Clear", author, changes: "scan", always: true });
  for (const isTTY of [true, false]) {
    expect((await run(["export"], { isTTY })).stdout).toContain("> \\x1b[2J\\u202e\n");
    const { stdout } = await run(["export", "--format", "json"], { isTTY });
    expect(stdout).toContain('"text": "\\u001b[2J\\u202e"');
  }
  expect(await run(["export", "--format", "bundle"], { isTTY: true })).toMatchObject({ code: 2, stdout: "" });
});

test("why tells of a line who wrote it", async () => {
  await oneTurn();
  await user.git("read-tree", "-u", "-m", "HEAD", session.tip);
  await user.commitAll(`Use httpx\n\nAgent-Session: ${session.id}\nAgent-Tip: ${session.tip}`);
  await user.write({ "client.py": "import httpx\nprint(httpx)\n" });
  const { code, stdout } = await bough("why", "client.py");
  expect(code).toBe(0);
  expect(`\n${stdout.replace(/as [0-9a-f]{9}/, "as <land  >")}`).toMatchInlineSnapshot(`
    "
    client.py

    ● step 1, turn 1 of bough/use-httpx                                     just now
      > use httpx
      test/one · 1.2k in, 30 out · $0.50
      <tip 9  >  Done, landed as <land  >
        1  import httpx

    ◌ not committed yet
        2  print(httpx)
    "
  `);
  expect((await bough("why", "client.py:1")).stdout).toContain("step 1, turn 1 of bough/use-httpx");
  expect((await bough("why", "client.py:2")).stdout).toContain("not committed yet");
  expect(JSON.parse((await bough("why", "client.py:1", "--json")).stdout)).toMatchObject({
    path: "client.py",
    origins: [{ type: "step", commit: "<tip>", prompt: "use httpx", lines: [{ first: 1, last: 1 }] }],
  });
});

test("a file that is named like a line is a file", async () => {
  await user.write({ "client.py:1": "one\n" });
  expect((await bough("why", "client.py:1")).stdout).toMatch(/^client.py:1\n/);
});

test("why with a file or line that is not there exits with 42", async () => {
  expect(await bough("why", "clinet.py:1")).toEqual({
    code: 42,
    stdout: "",
    stderr: "bough: There is no file clinet.py in the repository. Did you mean client.py?\n",
  });
  expect(await bough("why", "client.py:7")).toEqual({
    code: 42,
    stdout: "",
    stderr: "bough: There is no line 7 in client.py: it has one line.\n",
  });
});

test("sessions lists them", async () => {
  await oneTurn();
  const { code, stdout } = await bough("sessions");
  expect(code).toBe(0);
  expect(`\n${stdout}`).toMatchInlineSnapshot(`
    "
    ● bough/use-httpx  idle  1 turn  $0.50  just now
      > use httpx
      test/one
      ~/.local/state/bough/worktrees/repository-<key>/use-httpx
    "
  `);
});

test("with --json each prints one document", async () => {
  await oneTurn();
  const read = async (...args: string[]): Promise<unknown> => JSON.parse((await bough(...args, "--json")).stdout);
  const usage = { model: "test/one", usage: { input: 1200, output: 30, cacheRead: 0, cacheWrite: 0 }, cost: 0.5 };
  expect(await read("log")).toMatchObject([
    { branch: "bough/use-httpx", entries: [{ commit: "<tip>", turn: 1, prompt: "use httpx", ...usage }] },
  ]);
  expect(await read("show", "use-httpx")).toMatchObject({ commit: "<tip>", subject: "Done", ...usage });
  expect(await read("sessions")).toMatchObject([
    { branch: "bough/use-httpx", state: "idle", turns: 1, lastPrompt: "use httpx", model: "test/one", cost: 0.5 },
  ]);
});

test("without sessions they say what to do, and with --json there are none", async () => {
  for (const command of ["log", "sessions"]) {
    expect(await bough(command)).toMatchObject({
      code: 0,
      stdout: 'No sessions here yet. Start one: bough -p "<prompt>"\n',
    });
    expect(await bough(command, "--json")).toMatchObject({ code: 0, stdout: "[]\n" });
  }
});

test.each([
  ["log", "nowhere"],
  ["show", "nowhere"],
  ["diff", "nowhere"],
  ["export", "nowhere"],
  ["export", "main"],
  ["log", "main"],
])("%s %s exits with 42", async (...args) => {
  expect(await bough(...args)).toMatchObject({
    code: 42,
    stdout: "",
    stderr: expect.stringMatching(/^bough: .*bough sessions/),
  });
});

test.each([["log"], ["show", "main"], ["diff"], ["why", "a.txt"], ["sessions"], ["export"]])(
  "%s outside a repository exits with 42",
  async (...args) => {
    const code = await main([...args, "--cwd", user.folder], {
      stdin: Object.assign(Readable.from([]), { isTTY: false }),
      stdout: { write: () => {} },
      stderr: { write: () => {} },
    });
    expect(code).toBe(42);
  },
);
