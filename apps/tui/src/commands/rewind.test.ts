import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Repository, resumeSession, type Session, startSession } from "@bough/gitstate";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../main.ts";

let user: TemporaryRepository;
let worktree: string;

beforeEach(async () => {
  user = await temporaryRepository({ files: { "client.py": "import requests\n" }, enter: true });
  const session = await startSession(await Repository.open(user.path), {
    name: "fix",
    config: { text: "", extra: {} },
  });
  await session.ready;
  worktree = session.worktree;
  await turn(session, "use httpx", "import httpx\n");
  await turn(session, "use aiohttp,\nplease", "import aiohttp\nimport asyncio\n");
  await session.close();
});

afterEach(() => user[Symbol.asyncDispose]());

/** A turn of one step, which writes the file and one of its own. */
async function turn(session: Session, prompt: string, content: string): Promise<void> {
  const step = session.lastStep + 1;
  writeFileSync(join(session.worktree, "client.py"), content);
  writeFileSync(join(session.worktree, `${step}.py`), content);
  const blocks = [
    { type: "user", text: prompt },
    { type: "assistant", text: "Done." },
  ] as const;
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  await session.commit({ step, turn: step, blocks }, { subject: "Done", author, changes: "scan", always: true });
}

async function bough(...args: string[]) {
  const written = { stdout: "", stderr: "" };
  const code = await main([...args, "--cwd", user.path], {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

const id = async (revision: string) => (await user.git("rev-parse", revision)).slice(0, 9);

test("a rewind says where it went, what went, and how to undo it; which does", async () => {
  const [before, first] = [await id("bough/fix"), await id("bough/fix~1")];
  const { code, stdout } = await bough("rewind");
  const named = stdout
    .replaceAll(before, "<before>")
    .replaceAll(first, "<first>")
    .replace(await id("bough/fix"), "<new>");
  expect(code).toBe(0);
  expect(`\n${named}`).toMatchInlineSnapshot(`
    "
    Took bough/fix back to step 1 (<first>) by <new>

    Out of the conversation:
     2 > use aiohttp, please

     2.py       −2
     client.py  +1 −2
     2 files    +1 −4

    To undo it: bough rewind <before>
    "
  `);
  const undone = await bough(...(/bough (rewind \w+)$/m.exec(stdout)?.[1]?.split(" ") ?? []));
  expect(undone).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Back in the conversation:\n 2 > use aiohttp"),
  });
  expect(await user.git("diff", before, "bough/fix")).toBe("");
});

test("a number goes to before that prompt, --turns back by turns", async () => {
  expect(await bough("rewind", "2", "--preview")).toMatchObject({
    stdout: expect.stringContaining("back to step 1 ("),
  });
  expect(await bough("rewind", "--turns", "2", "--preview")).toMatchObject({
    stdout: expect.stringContaining("back to the start ("),
  });
});

test("--preview needs neither the session's lock nor its worktree, and makes neither", async () => {
  const session = await resumeSession(await Repository.open(user.path), "bough/fix");
  expect(await bough("rewind")).toMatchObject({
    code: 42,
    stderr: expect.stringMatching(/^bough: bough\/fix is open .* since .*bough branch --from bough\/fix/),
  });
  expect(await bough("rewind", "--preview")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Out of the conversation:\n 2 > use aiohttp"),
  });
  await session.close({ worktree: "remove-when-safe" });
  expect(await bough("rewind", "1", "--preview")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("back to the start ("),
  });
  expect(existsSync(worktree)).toBe(false);
});

test("--preview changes nothing, not even what was changed by hand, and says the same as JSON", async () => {
  writeFileSync(join(worktree, "mine.py"), "mine\n");
  const refs = await user.git("for-each-ref");
  const { code, stdout } = await bough("rewind", "fix~1", "--preview", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    branch: "bough/fix",
    type: "would-rewind",
    to: { step: 1, turn: 1, commit: await user.git("rev-parse", "bough/fix~1") },
    files: [
      { path: "2.py", from: null, added: 0, removed: 2 },
      { path: "client.py", from: null, added: 1, removed: 2 },
      { path: "mine.py", from: null, added: 0, removed: 1 },
    ],
    taken: [{ turn: 2, prompt: "use aiohttp,\nplease" }],
    returned: [],
  });
  expect([existsSync(join(worktree, "mine.py")), await user.git("for-each-ref")]).toEqual([true, refs]);
});

test("--chat leaves the files, --files the conversation, both of them neither", async () => {
  const rewound = async (...args: string[]) => {
    const { files, taken } = JSON.parse((await bough("rewind", ...args, "--preview", "--json")).stdout);
    return [files.length, taken.length];
  };
  expect(await rewound("--chat")).toEqual([0, 1]);
  expect(await rewound("--files")).toEqual([2, 0]);
  expect(await rewound("--files", "--chat")).toEqual([2, 1]);
});

test("where the session stands there already there is nothing to rewind", async () => {
  expect(await bough("rewind", "bough/fix")).toMatchObject({
    code: 0,
    stdout: "Nothing to rewind: bough/fix stands there already.\n",
  });
});

test("a moment that is not there is exit code 42, two moments are 2", async () => {
  expect(await bough("rewind", "--turns", "3")).toMatchObject({
    code: 42,
    stderr: "bough: bough/fix cannot go back 3 turns: there are 2 turns in its conversation.\n",
  });
  expect(await bough("rewind", "nothing")).toMatchObject({ code: 42 });
  expect(await bough("rewind", "main", "--in", "nothing")).toMatchObject({ code: 42 });
  expect(await bough("rewind", "1", "--turns", "1")).toMatchObject({ code: 2 });
  expect(await bough("rewind", "--turns", "0")).toMatchObject({ code: 2 });
});
