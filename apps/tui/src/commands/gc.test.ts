import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { archiveSession, Repository, startSession } from "@bough/gitstate";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../main.ts";

let user: TemporaryRepository;

beforeEach(async () => {
  user = await temporaryRepository({ files: { "a.txt": "one\n" }, enter: true });
  const repository = await Repository.open(user.path);
  for (const name of ["old", "idle"]) {
    await using session = await startSession(repository, { name, config: { text: "", extra: {} } });
    await session.ready;
    writeFileSync(join(session.worktree, "b.txt"), `${name}\n`);
    await session.commitByHand();
  }
  // Of a folder that somebody deleted nothing is put aside, which another process would delete in its own time.
  rmSync(join(repository.folders.worktrees, "old"), { recursive: true });
  await archiveSession(repository, "old");
});

afterEach(() => user[Symbol.asyncDispose]());

async function boughOn(stdin: { answer?: string; isTTY: boolean }, ...args: string[]) {
  const written = { stdout: "", stderr: "" };
  const code = await main([...args, "--cwd", user.path], {
    stdin: Object.assign(Readable.from(stdin.answer === undefined ? [] : [stdin.answer]), { isTTY: stdin.isTTY }),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

const bough = (...args: string[]) => boughOn({ isTTY: false }, ...args);
const archived = () => user.git("for-each-ref", "--format=%(refname)", "refs/bough/archive");
const readable = (text: string) =>
  text
    .replaceAll(user.folder, "")
    .replace(/-[0-9a-f]{8}\//g, "-…/")
    .replace(/\([\d.]+ \w+\)/g, "(…)")
    .replace(/\d{4}-\d\d-\d\d/, "…");

/** What every file there is holds, and when each was written. */
function digest(): string {
  const hash = createHash("sha256");
  for (const entry of readdirSync(user.folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path}\n`);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

test("--dry-run says what is due and why, and changes no byte", async () => {
  const before = digest();
  const { code, stdout } = await bough("gc", "--dry-run", "--older-than", "0d");
  expect({ code, stdout: `\n${readable(stdout)}` }).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stdout": "
    Would remove:
      worktree /home/.local/state/bough/worktrees/repository-…/idle (…): nobody has the session open, and its branch holds all that is in it
      folder /home/.cache/bough/git/repository-…/old (…): a cache for bough/old, which is no branch any more
    Would ask first, as work would go with it:
      archived session old (…): archived since …
    ",
    }
  `);
  expect(digest()).toBe(before);
});

test("without a terminal the harmless goes, work stays unless --yes, and the exit code is 2", async () => {
  const { code, stdout, stderr } = await bough("gc", "--older-than", "0d");
  expect({ code, stdout: `\n${readable(stdout)}`, stderr: `\n${readable(stderr)}` }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "
    Kept, as work would go with it and there is nobody to ask:
      archived session old (…): archived since …
    bough: To drop that for good, run the same command with --yes.
    ",
      "stdout": "
    Removed:
      worktree /home/.local/state/bough/worktrees/repository-…/idle (…): nobody has the session open, and its branch holds all that is in it
      folder /home/.cache/bough/git/repository-…/old (…): a cache for bough/old, which is no branch any more
    ",
    }
  `);
  expect(await archived()).toContain("archive/old-");
  expect(await bough("gc", "--older-than", "0d", "--yes")).toMatchObject({ code: 0, stderr: "" });
  expect(await archived()).toBe("");
  expect(await bough("gc", "--older-than", "0d")).toEqual({ code: 0, stdout: "Nothing is due.\n", stderr: "" });
});

test("on a terminal it asks, and only a yes drops work", async () => {
  for (const answer of ["\n", "n\n", "what?\n", ""]) {
    const { code, stderr } = await boughOn({ isTTY: true, answer }, "gc", "--older-than", "0d");
    expect({ code, asked: stderr.includes("Drop them? [y/N] ") }).toEqual({ code: 0, asked: true });
    expect(stderr).toContain("Kept archived session old, because you said so\n");
    expect(await archived()).not.toBe("");
  }
  expect((await boughOn({ isTTY: true, answer: "y\n" }, "gc", "--older-than", "0d")).stdout).toContain(
    "archived session old",
  );
  expect(await archived()).toBe("");
});

test("within the retention an archived session is not due", async () => {
  expect((await bough("gc")).code).toBe(0);
  expect(await archived()).toContain("archive/old-");
});

test("--json says the outcome of each", async () => {
  const { code, stdout } = await bough("gc", "--json", "--older-than", "0d");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    dryRun: false,
    due: [
      { type: "worktree", name: "idle", dropsWork: false, outcome: "removed" },
      { type: "cache", name: "old", outcome: "removed" },
      { type: "archived-session", name: "old", dropsWork: true, outcome: "unasked", size: expect.any(Number) },
    ],
  });
});
