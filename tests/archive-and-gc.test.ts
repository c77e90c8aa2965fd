import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const write = { calls: [{ name: "Write", input: { file_path: "a.txt", content: "x\n" } }] };

/** Archives a session with stock git, which is all it takes where no records are pending. */
async function archive(bough: Story, name: string): Promise<void> {
  const id = /"id": "(\w+)"/.exec((await bough.run("sessions", "--json")).stdout)?.[1];
  await bough.git("update-ref", `refs/bough/archive/${name}-${id}`, `refs/heads/bough/${name}`);
  await bough.git("update-ref", "-d", `refs/heads/bough/${name}`);
  await bough.git("update-ref", "-d", `refs/bough/pending/${name}`);
}

test("an archived session is read, comes back, and is dropped when its user says so, not before", async () => {
  await using bough = await story({ script: [write, { text: "Written." }, { text: "An x." }] });
  await bough.run("-p", "Write a file", "-m", bough.model, "--branch", "work");
  const before = await bough.repository.fingerprint();
  await archive(bough, "work");

  expect((await bough.run("sessions")).stdout).toContain("No sessions here yet");
  expect((await bough.run("sessions", "--all")).stdout).toContain("bough/work  archived  1 turn");
  expect((await bough.run("log", "work")).stdout).toContain("Write a file");
  expect((await bough.run("show", "bough/work")).stdout).toContain("Written.");
  expect((await bough.run("export", "work")).stdout).toContain("Write a file");

  expect(await bough.run("-p", "What is in it?", "--resume", "work")).toMatchObject({ code: 0, stdout: "An x.\n" });
  expect(bough.server.requests.at(-1)?.messages[0]).toMatchObject({ role: "user", text: "Write a file" });
  await archive(bough, "work");

  expect((await bough.run("gc", "--dry-run", "--older-than", "0h")).stdout).toContain("archived session work");
  expect(await bough.run("gc", "--older-than", "0h")).toMatchObject({ code: 2 });
  expect((await bough.run("sessions", "--all")).stdout).toContain("bough/work");
  expect(await bough.run("gc", "--older-than", "0h", "--yes")).toMatchObject({ code: 0 });
  expect((await bough.run("sessions", "--all")).stdout).toContain("No sessions here yet");
  expect(await bough.run("gc", "--older-than", "0h")).toMatchObject({ stdout: "Nothing is due.\n" });
  expect(await bough.repository.fingerprint()).toBe(before);
});

test("how long archived sessions are kept is a setting of the user's, and no repository's before it is trusted", async () => {
  await using bough = await story({
    files: { ".bough/settings.json": '{"retention":"0h"}' },
    script: [{ text: "Hi." }],
  });
  await bough.run("-p", "Hi", "-m", bough.model, "--branch", "work");
  await archive(bough, "work");
  const untrusted = await bough.run("gc", "--dry-run");
  expect(untrusted.stdout).not.toContain("archived session work");
  expect(untrusted.stderr).toContain("not used, because you have not trusted it: retention of .bough/settings.json");

  const settings = join(bough.repository.folder, "home/.config/bough");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "settings.json"), '{"retention":"0h"}');
  expect((await bough.run("gc", "--dry-run")).stdout).toContain("archived session work");
  writeFileSync(join(settings, "settings.json"), '{"retention":"soon"}');
  const wrong = await bough.run("gc", "--dry-run");
  expect([wrong.code, wrong.stderr]).toEqual([42, expect.stringContaining('hours, days or weeks, such as "12h"')]);
});

test("a link to the user's files in place of a worktree leads gc to nothing", async () => {
  const build = { calls: [{ name: "Write", input: { file_path: "build/out", content: "x\n" } }] };
  await using bough = await story({ files: { ".gitignore": "build/\n" }, script: [build, { text: "Built." }] });
  await bough.run("-p", "Build it", "-m", bough.model, "--branch", "work");
  const listed = await bough.git("worktree", "list", "--porcelain");
  const worktree = /^worktree (.*\/work)$/m.exec(listed)?.[1] ?? "";
  const precious = join(bough.repository.folder, "precious");
  mkdirSync(precious);
  writeFileSync(join(precious, "letter.txt"), "dear\n");
  rmSync(worktree, { recursive: true });
  symlinkSync(precious, worktree);
  expect(await bough.run("gc", "--older-than", "0h", "--yes")).toMatchObject({ code: 0 });
  expect(readFileSync(join(precious, "letter.txt"), "utf8")).toBe("dear\n");
});
