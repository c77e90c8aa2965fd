import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Repository, startSession } from "@bough/gitstate";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../main.ts";

let user: TemporaryRepository;

beforeEach(async () => {
  user = await temporaryRepository({ files: { "client.py": "import requests\n" }, enter: true });
  await session("main-line", "import sys\n");
  await session("use-httpx", "import httpx\n");
});

/** A session of one turn, which writes the file. */
async function session(name: string, content: string): Promise<void> {
  const session = await startSession(await Repository.open(user.path), { name, config: { text: "", extra: {} } });
  await session.ready;
  writeFileSync(join(session.worktree, `${name}.py`), content);
  const blocks = [
    { type: "user", text: "use httpx" },
    { type: "assistant", text: "Done." },
  ] as const;
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  await session.commit({ step: 1, turn: 1, blocks }, { subject: "Done", author, changes: "scan", always: true });
  await session.close();
}

afterEach(() => user[Symbol.asyncDispose]());

async function bough(...args: string[]) {
  const written = { stdout: "", stderr: "" };
  const code = await main([...args, "--cwd", user.path], {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

test("a session goes into another, and the exit code is 0", async () => {
  const { code, stdout } = await bough("merge", "main-line", "--into", "use-httpx");
  const merged = (await user.git("rev-parse", "bough/use-httpx~1")).slice(0, 9);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `Merged main-line into bough/use-httpx as ${merged}:\n  main-line.py\n`,
  });
  expect(await bough("merge", "main-line", "--into", "use-httpx")).toMatchObject({
    code: 0,
    stdout: "Nothing to merge: all of main-line is in bough/use-httpx already.\n",
  });
});

test("a merge by which no file changes says so", async () => {
  const other = await startSession(await Repository.open(user.path), { name: "talk", config: { text: "", extra: {} } });
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  const blocks = [{ type: "user", text: "why?" } as const];
  await other.commit({ step: 1, turn: 1, blocks }, { subject: "So", author, changes: "scan", always: true });
  await other.close();
  expect(await bough("merge", "talk", "--into", "main-line", "--preview")).toMatchObject({
    stdout: "talk would go into bough/main-line; no file changes by it.\n",
  });
  expect(await bough("merge", "talk", "--into", "main-line")).toMatchObject({
    stdout: expect.stringMatching(/^Merged talk into bough\/main-line as [0-9a-f]{9}; no file changes by it\.\n$/),
  });
});

test("the user's newer commits come in, and --preview and --json say which", async () => {
  await user.write({ "mine.py": "mine\n" });
  await user.commitAll("Mine");
  const { code, stdout } = await bough("merge", "main", "--into", "main-line", "--preview", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    branch: "bough/main-line",
    type: "would-merge",
    paths: ["mine.py"],
  });
  expect((await bough("merge", "main", "--into", "main-line")).code).toBe(0);
});

test("a conflict is exit code 1, with the paths and what to do", async () => {
  await user.write({ "use-httpx.py": "mine\n" });
  await user.commitAll("Mine");
  const { code, stderr } = await bough("merge", "main", "--into", "use-httpx");
  expect(code).toBe(1);
  expect(`\n${stderr}`).toMatchInlineSnapshot(`
    "
    bough: main does not go into bough/use-httpx, nothing was merged:
      use-httpx.py: both added it, each otherwise
    Make one side give way and merge again, as with: bough -p "<what to change>" --resume bough/use-httpx
    "
  `);
});

test("an unknown branch is exit code 42, a session into itself is 2", async () => {
  expect(await bough("merge", "nothing", "--into", "use-httpx")).toMatchObject({ code: 42 });
  expect(await bough("merge", "use-httpx", "--into", "main")).toMatchObject({ code: 42 });
  expect(await bough("merge", "use-httpx", "--into", "use-httpx")).toMatchObject({ code: 2 });
});
