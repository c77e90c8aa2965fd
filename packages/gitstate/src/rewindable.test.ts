import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { forkSession } from "./fork-session.ts";
import { Repository } from "./repository.ts";
import { findRewindable } from "./rewindable.ts";
import { startSession } from "./start-session.ts";

const author = { name: "m (bough)", email: "bough@localhost" };

/** Session `one` with two turns, a fork `two` of it with a third, and `three`, which moved last. */
async function open() {
  const user = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
  const repository = await Repository.open(user.path);
  const config = { text: "", extra: {} };
  const one = await startSession(repository, { name: "one", config });
  await talk(one);
  await talk(one);
  const two = await forkSession(repository, { from: "one", name: "two" });
  await talk(two);
  const three = await startSession(repository, { name: "three", config });
  await talk(three);
  await Promise.all([one.close(), two.close(), three.close()]);
  const find = async (options: Parameters<typeof findRewindable>[1]) => {
    const { session, commit } = await findRewindable(repository, options);
    return [session.branch, commit === undefined ? "" : await user.git("log", "-1", "--format=%s", commit)];
  };
  return { user, find, [Symbol.asyncDispose]: () => user[Symbol.asyncDispose]() };
}

async function talk(session: Awaited<ReturnType<typeof startSession>>) {
  const step = session.lastStep + 1;
  const record = { step, turn: step, blocks: [{ type: "user", text: "prompt" } as const] };
  const subject = `${session.name} says ${step}`;
  await session.commit(record, { subject, author, changes: [], always: true });
}

test("without anything it is the session that moved last", async () => {
  await using repository = await open();
  expect(await repository.find({})).toEqual(["bough/three", ""]);
});

test("a revision that begins with a session's name means that session", async () => {
  await using repository = await open();
  expect(await repository.find({ revision: "two" })).toEqual(["bough/two", "two says 4"]);
  expect(await repository.find({ revision: "two~1" })).toEqual(["bough/two", "one says 2"]);
  expect(await repository.find({ revision: "bough/one^" })).toEqual(["bough/one", "one says 1"]);
});

test("a commit means the session that made it, also where others continue it", async () => {
  await using repository = await open();
  const commit = await repository.user.git("rev-parse", "bough/one");
  expect(await repository.find({ revision: commit })).toEqual(["bough/one", "one says 2"]);
  expect(await repository.find({ revision: commit, branch: "two" })).toEqual(["bough/two", "one says 2"]);
  await repository.user.git("update-ref", "-d", "refs/heads/bough/one");
  await repository.user.git("update-ref", "-d", "refs/bough/pending/one");
  expect(await repository.find({ revision: commit })).toEqual(["bough/two", "one says 2"]);
});

test("the commit that sessions started from means the one of them that moved last", async () => {
  await using repository = await open();
  expect(await repository.find({ revision: "main" })).toEqual(["bough/three", "First commit"]);
});

test("what is no commit or no session is refused", async () => {
  await using repository = await open();
  await expect(repository.find({ revision: "nothing" })).rejects.toThrow(/names no branch, commit or session/);
  await expect(repository.find({ branch: "main" })).rejects.toThrow(/is no session's branch/);
});
