import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gitVersion, isNewEnough } from "./git-version.ts";

/** Puts a program in the place of git, or none. */
async function gitThatSays(text: string | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bough-test-"));
  const before = process.env["PATH"];
  process.env["PATH"] = folder;
  onTestFinished(async () => {
    process.env["PATH"] = before;
    await rm(folder, { recursive: true });
  });
  if (text === undefined) return;
  await writeFile(join(folder, "git"), `#!/bin/sh\necho '${text}'\n`);
  await chmod(join(folder, "git"), 0o755);
}

test.each([
  ["git version 2.37.9", "2.37.9", false],
  ["git version 1.9.1", "1.9.1", false],
  ["git version 2.38.0", "2.38.0", true],
  ["git version 2.39.5 (Apple Git-154)", "2.39.5", true],
  ["git version 3.0.rc1", "3.0", true],
  ["not a git", "", false],
])("%s", async (says, version, isEnough) => {
  await gitThatSays(says);
  expect(await gitVersion()).toBe(version);
  expect(isNewEnough(version)).toBe(isEnough);
});

test("where there is no git, it says to install it", async () => {
  await gitThatSays(undefined);
  await expect(gitVersion()).rejects.toThrow("There is no git on the PATH. Install git 2.38 or later");
});
