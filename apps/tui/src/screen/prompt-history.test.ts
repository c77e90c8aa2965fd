import { Agent } from "@bough/agent";
import { scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openScreen } from "./screen-fixture.ts";

let repository: TemporaryRepository;
beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "README.md": "# A project\n" } });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["1", "2"]), branch: "before" });
  await agent.run("long ago");
  await agent.run("run the tests");
});
afterEach(() => repository[Symbol.asyncDispose]());

const includes = (text: string) => (shown: string) => shown.includes(text);
const isIdle = (shown: string) => shown.includes("bough/") && !shown.includes("at work");

test("Up goes back through what was typed here, then through the prompts of other sessions, and Down forth again", async () => {
  await using seen = await openScreen(repository, ["One."]);
  seen.type("here\r");
  await seen.until((shown) => shown.includes("One.") && isIdle(shown));
  seen.type("/errors\r");
  await seen.until(includes("Nothing went wrong"));
  seen.type("draft");
  for (const text of ["/errors", "here", "run the tests", "long ago"]) {
    seen.type("\x1b[A");
    await seen.until((shown) => shown.split("\n").at(-4) === ` ❯ ${text}`);
  }
  seen.type("\x1b[A");
  await seen.settled();
  for (const text of ["run the tests", "here", "/errors", "draft"]) {
    seen.type("\x1b[B");
    await seen.until((shown) => shown.split("\n").at(-4) === ` ❯ ${text}`);
  }
});

test("Ctrl-R finds prompts of all sessions while one types, and puts the one that is taken into the editor", async () => {
  await using seen = await openScreen(repository, [], { rows: 12 });
  seen.type("dra\x12");
  await seen.until(includes("▸ run the tests"));
  seen.type("AGO");
  expect(await seen.until(includes("▸ long ago"))).toBe(`
 1 new

 Work here gets a branch and a worktree of its own; your
 checkout stays as it is.
 ? shows the keys, /help the commands.

────────────────────────────────────────────────────────────
 ▸ long ago
────────────────────────────────────────────────────────────
 ↶ AGO
 new session  ·  scripted/model
 Tab take   ↑ choose   Esc close
`);
  seen.type("x");
  await seen.until(includes("It is not there"));
  seen.type("\x7f");
  await seen.until(includes("▸ long ago"));
  seen.type("\r");
  await seen.until((shown) => shown.includes("❯ long ago") && !shown.includes("▸"));
  expect(seen.program.active.agent).toBeUndefined();
});

test("Esc leaves what was being typed as it was", async () => {
  await using seen = await openScreen(repository, []);
  seen.type("draft\x12");
  await seen.until(includes("▸ run the tests"));
  seen.type("\x12");
  await seen.until(includes("▸ long ago"));
  seen.type("\x1b");
  await seen.until((shown) => shown.includes("❯ draft") && !shown.includes("▸"));
});
