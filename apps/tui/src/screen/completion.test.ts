import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openScreen } from "./screen-fixture.ts";

let repository: TemporaryRepository;
beforeEach(async () => {
  const files = { "README.md": "# A project\n", "source/one.ts": "1\n", "source/other.ts": "2\n" };
  repository = await temporaryRepository({ enter: true, files });
});
afterEach(() => repository[Symbol.asyncDispose]());

const includes = (text: string) => (shown: string) => shown.includes(text);

test("a command is completed while it is typed, over what is above the editor", async () => {
  await using seen = await openScreen(repository, [], { rows: 12 });
  seen.type("/exp");
  expect(await seen.until(includes("▸ export"))).toBe(`
 1 new

 Work here gets a branch and a worktree of its own; your
 checkout stays as it is.
 ? shows the keys, /help the commands.

────────────────────────────────────────────────────────────
 ▸ export  The session for others: a transcript to read, JS…
────────────────────────────────────────────────────────────
 ❯ /exp
 new session  ·  scripted/model
 Tab take   ↑ choose   Esc close
`);
  seen.type("\t");
  await seen.until((shown) => shown.includes("❯ /export") && !shown.includes("▸"));
  expect(seen.program.active.transcript.entries).toEqual([]);
});

test("files are chosen with the arrows and taken with Enter, which sends nothing", async () => {
  await using seen = await openScreen(repository, ["Read."]);
  seen.type("see @sour");
  await seen.until(includes("▸ @source/one.ts"));
  seen.type("\x1b[B");
  await seen.until(includes("▸ @source/other.ts"));
  seen.type("\r");
  await seen.until((shown) => shown.includes("❯ see @source/other.ts") && !shown.includes("▸"));
  expect(seen.model.requests).toHaveLength(0);
  seen.type("\r");
  await seen.until(includes("Read."));
});

test("Esc closes the list and interrupts nothing, and a finished command is sent by Enter", async () => {
  await using seen = await openScreen(repository, []);
  seen.type("/hel");
  await seen.until(includes("▸ help"));
  seen.type("\x1b");
  await seen.until((shown) => !shown.includes("▸"));
  seen.type("p");
  await seen.until(includes("/help"));
  seen.type("\r");
  await seen.until(includes("/branches"));
});

test("the argument of a command is completed once Tab asks for it", async () => {
  await using seen = await openScreen(repository, []);
  seen.type("/permissions ");
  await seen.until(includes("❯ /permissions"));
  seen.type("\t");
  await seen.until(includes("▸ default"));
  seen.type("pl");
  await seen.until(includes("▸ plan"));
  seen.type("\t");
  await seen.until((shown) => shown.includes("❯ /permissions plan") && !shown.includes("▸"));
});
