import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readStep } from "./read-step.ts";
import { Repository } from "./repository.ts";
import type { Session } from "./session.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

let user: TemporaryRepository;
let repository: Repository;
let session: Session;

const blocks: Block[] = [
  { type: "user", text: "one more line" },
  { type: "call", name: "Edit", id: "1", text: '{"file_path":"a.txt"}' },
  { type: "result", name: "Edit", id: "1", text: "+two\r\n\x1b[31m" },
];

beforeEach(async () => {
  user = await temporaryRepository({ files: { "a.txt": "one\n" } });
  for (const [name, value] of Object.entries(user.env)) vi.stubEnv(name, value);
  repository = await Repository.open(user.path);
  session = await startSession(repository, {
    name: "work",
    config: { text: "Be brief.", extra: { model: "test/one" } },
  });
  await session.ready;
  writeFileSync(join(session.worktree, "a.txt"), "one\ntwo\n");
  writeFileSync(join(session.worktree, "b.bin"), Uint8Array.of(0, 1, 2));
  const author = { name: "test/one (bough)", email: "bough@localhost" };
  const extra = { model: "test/one", usage: { input: 7, output: 2, cost: 0.5 } };
  await session.commit({ step: 1, turn: 1, extra, blocks }, { subject: "Add a line", author, changes: "scan" });
});

afterEach(async () => {
  await session.close();
  vi.unstubAllEnvs();
  await user[Symbol.asyncDispose]();
});

test("a commit holds what was said and run, and the diff", async () => {
  const { diff, ...step } = await readStep(repository, "bough/work");
  expect(step).toEqual({
    commit: session.tip,
    merged: [],
    author: "test/one (bough)",
    date: expect.any(Date),
    subject: "Add a line",
    records: [
      {
        session: session.id,
        step: 0,
        turn: 0,
        extra: { base: expect.any(String) },
        blocks: [{ type: "config", text: "Be brief.", extra: { model: "test/one" } }],
      },
      {
        session: session.id,
        step: 1,
        turn: 1,
        extra: { model: "test/one", usage: { input: 7, output: 2, cost: 0.5 } },
        blocks,
      },
    ],
    files: [
      { path: "a.txt", from: undefined, added: 1, removed: 0 },
      { path: "b.bin", from: undefined, added: undefined, removed: undefined },
    ],
    model: "test/one",
    usage: { input: 7, output: 2, cacheRead: 0, cacheWrite: 0 },
    cost: 0.5,
  });
  expect(diff).toMatchInlineSnapshot(`
    "diff --git a/a.txt b/a.txt
    index 5626abf..814f4a4 100644
    --- a/a.txt
    +++ b/a.txt
    @@ -1 +1,2 @@
     one
    +two
    diff --git a/b.bin b/b.bin
    new file mode 100644
    index 0000000..8352675
    Binary files /dev/null and b/b.bin differ
    "
  `);
});

test.each([
  ["its branch", () => "bough/work"],
  ["its name", () => "work"],
  ["its session's id", () => session.id],
  ["its own id", () => session.tip],
  ["the start of it", () => session.tip.slice(0, 8)],
])("a commit is found by %s", async (_, revision) => {
  expect(await readStep(repository, revision())).toMatchObject({ commit: session.tip });
});

test("a commit of the user's has no records, and the first of all is compared with nothing", async () => {
  expect(await readStep(repository, "main")).toMatchObject({
    author: "Ada",
    records: [],
    usage: undefined,
    files: [{ path: "a.txt", added: 1, removed: 0 }],
    diff: expect.stringContaining("new file mode 100644"),
  });
});

test("an unknown revision is refused", async () => {
  await expect(readStep(repository, "--help")).rejects.toMatchObject({ reason: "unknown-revision" });
});
