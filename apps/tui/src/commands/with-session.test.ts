import { existsSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
  await turn(session, "a.py");
  await turn(session, "b.py");
  await session.close({ worktree: "remove-when-safe" });
});

afterEach(() => user[Symbol.asyncDispose]());

/** A turn of one step, which writes the file. */
async function turn(session: Session, file: string): Promise<void> {
  const step = session.lastStep + 1;
  writeFileSync(join(session.worktree, file), "import httpx\n");
  const blocks = [
    { type: "user", text: `write ${file}` },
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

/** Gives the session its worktree back, as `bough branch` leaves one. */
async function openWorktree(): Promise<void> {
  const session = await resumeSession(await Repository.open(user.path), "fix");
  await session.ready;
  await session.close();
}

test("what has no worktree lands without one, even where none could be made", async () => {
  await mkdir(dirname(worktree), { recursive: true });
  await writeFile(worktree, "a file");
  expect(await bough("rewind")).toMatchObject({
    code: 42,
    stderr: expect.stringContaining('/fix is no worktree of this repository, and that of "bough/fix" has to go there.'),
  });
  expect(await bough("land", "fix")).toMatchObject({ code: 0, stdout: expect.stringContaining("a.py\n  b.py\n") });
});

test.each([
  ["land", ["land", "fix"]],
  ["rewind", ["rewind"]],
  ["merge", ["merge", "main", "--into", "fix"]],
])("%s leaves no worktree where there was none, and one that was there", async (_, args) => {
  await user.git("commit", "--quiet", "--allow-empty", "--message=Theirs");
  expect(await bough(...args)).toMatchObject({ code: 0 });
  expect(existsSync(worktree)).toBe(false);
  await openWorktree();
  await bough(...args);
  expect(existsSync(worktree)).toBe(true);
});

test.each([
  ["land", ["land", "fix"]],
  ["rewind", ["rewind"]],
  ["merge", ["merge", "main", "--into", "fix"]],
])("%s says in a line what somebody made of the branch, and what its commits leave out", async (_, args) => {
  await openWorktree();
  writeFileSync(join(worktree, ".env"), "KEY=1\n");
  await user.git("-C", worktree, "reset", "--quiet", "--keep", "HEAD~1");
  const { code, stderr } = await bough(...args);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^left out of the commits: \.env \(.+\)\nbough\/fix .+\n$/),
  });
});
