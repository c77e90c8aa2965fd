import fs, { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import git from "isomorphic-git";
import { expect, test } from "vitest";
import { parseMessage } from "./message.ts";
import { Repository } from "./repository.ts";
import { startSession } from "./start-session.ts";

test("another implementation of git reads the same commits, messages and trees", async () => {
  await using repository = await temporaryRepository({
    enter: true,
    files: { "a.txt": "one\n", "src/deep/b.txt": "two\n" },
  });
  await using session = await startSession(await Repository.open(repository.path), {
    name: "fix",
    config: { text: "be good", extra: {} },
  });
  await session.ready;
  const blocks = [{ type: "user", text: "é\r\n\u001b[31m\n\n\n  " } as const];
  for (const step of [1, 2, 3]) {
    writeFileSync(join(session.worktree, "src", `${step}.txt`), `${step}\n`);
    const author = { name: "m (bough)", email: "bough@localhost" };
    await session.commit({ step, turn: step, blocks }, { subject: `Write ${step}`, author, changes: "scan" });
  }
  const gitdir = join(repository.path, ".git");
  const log = await git.log({ fs, gitdir, ref: "bough/fix" });
  expect(log.map(({ commit }) => `${commit.author.name}: ${commit.message.split("\n", 1)}`)).toEqual([
    "m (bough): Write 3",
    "m (bough): Write 2",
    "m (bough): Write 1",
    "Ada: First commit",
  ]);
  expect(log[0]?.oid).toBe(session.tip);
  const records = log.toReversed().flatMap(({ commit }) => parseMessage(commit.message).records);
  const { entries } = await session.conversation();
  expect(entries.map((entry) => (entry.type === "step" ? [entry.step, entry.blocks] : []))).toEqual(
    records.map(({ step, blocks }) => [step, blocks]),
  );
  const paths: unknown[] = await git.walk({
    fs,
    gitdir,
    trees: [git.TREE({ ref: "bough/fix" })],
    map: async (path, [entry]) => ((await entry?.type()) === "blob" ? path : undefined),
  });
  const plain = await repository.git("ls-tree", "-r", "--name-only", "bough/fix");
  expect(paths).toEqual(plain.split("\n"));
});
