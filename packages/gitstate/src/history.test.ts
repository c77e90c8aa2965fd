import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { firstParents } from "./history.ts";
import { withReading } from "./reading.ts";
import { Repository } from "./repository.ts";

/** A repository of so many commits, each on top of the one before. */
async function line(length: number) {
  const repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  const commits = Array.from({ length: length - 1 }, (_, i) => [
    ...["commit refs/heads/main", "committer Ada <ada@example.com> 1700000000 +0000", "data 4", `${1000 + i}`],
    ...(i === 0 ? ["from refs/heads/main^0"] : []),
  ]);
  const input = `${commits.flat().join("\n")}\n`;
  execFileSync("git", ["fast-import", "--quiet"], { cwd: repository.path, input });
  return repository;
}

async function subjects(path: string, revision = "HEAD"): Promise<string[]> {
  const from = execFileSync("git", ["rev-parse", revision], { cwd: path, encoding: "utf8" }).trim();
  return withReading(await Repository.open(path), async (reading) => {
    const found: string[] = [];
    for await (const { subject } of firstParents(reading, from)) found.push(subject);
    return found;
  });
}

function log(path: string): string[] {
  return execFileSync("git", ["log", "--first-parent", "--format=%s"], { cwd: path, encoding: "utf8" })
    .trim()
    .split("\n");
}

test.each([2, 16, 17, 18, 200])("a history of %i commits is read to its beginning", async (length) => {
  await using repository = await line(length);
  expect(await subjects(repository.path)).toEqual(log(repository.path));
});

test.each([3, 16, 17, 40])("a shallow clone of %i commits ends where it does", async (depth) => {
  await using repository = await line(60);
  const clone = join(repository.path, "clone");
  execFileSync("git", ["clone", "--quiet", `--depth=${depth}`, `file://${repository.path}`, clone]);
  expect(await subjects(clone)).toHaveLength(depth);
});

test("a commit that is lost is an error, not the end of the history", async () => {
  await using repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: repository.path, encoding: "utf8" }).trim();
  for (const message of ["two", "three"]) git("commit", "--quiet", "--allow-empty", `--message=${message}`);
  const lost = git("rev-parse", "HEAD~1");
  await rm(join(repository.path, ".git", "objects", lost.slice(0, 2), lost.slice(2)));
  await expect(subjects(repository.path)).rejects.toThrow(/rev-list/);
});
