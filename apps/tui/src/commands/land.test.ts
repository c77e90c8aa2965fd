import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Repository, startSession } from "@bough/gitstate";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../main.ts";

let user: TemporaryRepository;
let worktree: string;

beforeEach(async () => {
  user = await temporaryRepository({ files: { "client.py": "import requests\n" }, enter: true });
  const session = await startSession(await Repository.open(user.path), {
    name: "use-httpx",
    config: { text: "", extra: {} },
  });
  await session.ready;
  ({ worktree } = session);
  writeFileSync(join(worktree, "client.py"), "import httpx\n");
  const blocks = [
    { type: "user", text: "use httpx" },
    { type: "assistant", text: "Done." },
  ] as const;
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  await session.commit({ step: 1, turn: 1, blocks }, { subject: "Done", author, changes: "scan", always: true });
  await session.close();
});

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

test("land makes a commit of the session that moved last, what was changed in it by hand included", async () => {
  writeFileSync(join(worktree, "notes.txt"), "by hand\n");
  const { code, stdout } = await bough("land");
  const head = (await user.git("rev-parse", "HEAD")).slice(0, 9);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `Landed bough/use-httpx as ${head}: Use httpx\n  client.py\n  notes.txt\n`,
  });
  expect(await user.read("client.py")).toBe("import httpx\n");
  expect(await bough("land")).toMatchObject({
    code: 0,
    stdout: "Nothing to land: all of bough/use-httpx is there already.\n",
  });
});

test("on a detached HEAD it lands, and says how a branch comes to hold it", async () => {
  await user.git("switch", "--quiet", "--detach");
  const { code, stderr } = await bough("land");
  const head = (await user.git("rev-parse", "HEAD")).slice(0, 9);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `HEAD is detached, so no branch leads there. To keep it: git branch <name> ${head}\n`,
  });
});

test("with --preview it says what would be committed, and changes nothing", async () => {
  const before = await user.fingerprint();
  const { code, stdout } = await bough("land", "use-httpx", "--preview");
  expect(code).toBe(0);
  expect(`\n${stdout.replace(/(Agent-\w+): \w+/g, "$1: <id>")}`).toMatchInlineSnapshot(`
    "
    Would commit:
      client.py

      Use httpx

      Agent-Session: <id>
      Agent-Tip: <id>
    "
  `);
  expect(await user.fingerprint()).toBe(before);
});

test("with --apply the changes are uncommitted edits, and --json says so", async () => {
  const { code, stdout } = await bough("land", "bough/use-httpx", "--apply", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ branch: "bough/use-httpx", type: "applied", paths: ["client.py"] });
  expect(await user.git("status", "--short")).toBe(" M client.py");
});

test("a conflict is exit code 1, names the paths and says what to do", async () => {
  await user.write({ "client.py": "import urllib\n" });
  const before = await user.fingerprint();
  const { code, stderr } = await bough("land");
  expect(code).toBe(1);
  expect(`\n${stderr}`).toMatchInlineSnapshot(`
    "
    bough: bough/use-httpx does not land, nothing was changed: you changed the same places in
      client.py
    To bring the two together in the session: commit yours, then bough merge <your branch> --into bough/use-httpx
    "
  `);
  expect(await user.fingerprint()).toBe(before);
});

test("where the session needs uncommitted changes that are gone, it says how to have its own with conflict markers", async () => {
  await user.write({ "client.py": "import urllib\n" });
  const session = await startSession(await Repository.open(user.path), {
    name: "use-aiohttp",
    config: { text: "", extra: {} },
  });
  await session.ready;
  writeFileSync(join(session.worktree, "client.py"), "import aiohttp\n");
  await session.commitByHand();
  await session.close();
  await user.git("restore", "client.py");
  const { code, stderr } = await bough("land", "use-aiohttp");
  expect(code).toBe(1);
  expect(`\n${stderr}`).toMatchInlineSnapshot(`
    "
    bough: bough/use-aiohttp does not land, nothing was changed: you changed the same places in
      client.py
    The session began with uncommitted changes of yours that are not there any more.
    To have its own with conflict markers in your files: bough diff bough/use-aiohttp | git apply --3way
    "
  `);
  expect((await bough("land", "use-aiohttp", "--apply")).stderr).toBe(stderr);
  await user.git("branch", "other");
  expect((await bough("land", "use-aiohttp", "--onto", "other")).stderr).toBe(stderr);
  expect(await bough("merge", "main", "--into", "use-aiohttp")).toMatchObject({
    stdout: expect.stringContaining("Nothing to merge"),
  });
  const { stdout: patch } = await bough("diff", "use-aiohttp");
  await writeFile(join(user.path, "patch"), patch);
  await expect(user.git("apply", "--3way", "patch")).rejects.toThrow("with conflicts");
  expect(await user.read("client.py")).toContain("=======\nimport aiohttp\n>>>>>>>");
});

test("a hook that fails is exit code 1, with what it said", async () => {
  const script = "#!/bin/sh\necho 'too long' >&2\nexit 1\n";
  writeFileSync(join(user.path, ".git/hooks/pre-commit"), script, { mode: 0o755 });
  expect(await bough("land")).toEqual({
    code: 1,
    stdout: "",
    stderr: "bough: git commit failed, so nothing was landed and everything is as it was before. It said:\ntoo long\n",
  });
});

test("an unknown branch is exit code 42, flags that do not go together are 2", async () => {
  expect(await bough("land", "nothing")).toMatchObject({ code: 42 });
  expect(await bough("land", "--squash", "--apply")).toMatchObject({ code: 2 });
  expect(await bough("land", "--apply", "--onto", "main")).toMatchObject({ code: 2 });
});
