import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyMap } from "../keys/key-map.ts";
import { openScreen, type SeenOptions } from "./screen-fixture.ts";

let repository: TemporaryRepository;
beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "README.md": "# A project\n" } });
});
afterEach(() => repository[Symbol.asyncDispose]());

const open = (script: Parameters<typeof openScreen>[1], options?: SeenOptions) =>
  openScreen(repository, script, options);

const call = (name: string, input: Record<string, unknown>) =>
  ({ content: [{ type: "call", id: name, name, input }] }) as const;
const fetching = call("Bash", { command: "curl example.com", network: true });
const includes = (text: string) => (shown: string) => shown.includes(text);

const isIdle = (shown: string) => shown.includes("bough/") && !shown.includes("at work");

/** The number of lines that name it. */
const rowsWith = (shown: string, text: string) => shown.split("\n").filter((row) => row.includes(text)).length;

test("a prompt is typed, answered, and seen", async () => {
  await using seen = await open(["**Hello** you.\n\n- a list"], { rows: 15 });
  seen.type("greet me");
  await seen.until(includes("❯ greet me"));
  seen.type("\r");
  expect(await seen.until(isIdle)).toBe(`
 1 greet-me

 ❯ greet me

   Hello you.

   • a list




────────────────────────────────────────────────────────────
 ❯
 bough/greet-me  ·  scripted/model
 Enter send   Esc interrupt   ? keys   Alt-. tabs
`);
});

test("what is being typed when a question comes is no answer to it", async () => {
  await using seen = await open([fetching, "As you like."], { rows: 15 });
  seen.type("go\r");
  await seen.until(includes("Bash asks"));
  seen.type("y");
  await seen.until(includes("❯ y"));
  seen.clock.pass(10_000);
  seen.type("es");
  expect(await seen.until(includes("❯ yes"))).toBe(`
 1 go ?

 ❯ go

 ◌ Bash curl example.com


 ? Bash asks  it wants to reach the network
 │ curl example.com
 │ network: true
 For the session or always: Network
────────────────────────────── Alt-A answers the question ──
 ❯ yes
 bough/go  ·  scripted/model
 Enter send   Esc interrupt   ? keys   Alt-. tabs
`);
  expect(seen.program.active.questions).toHaveLength(1);
  seen.type("\x1ba");
  seen.type("n");
  await seen.until(includes("As you like."));
});

test("a question is answered with a key once it was there for a moment, and the model reads why not", async () => {
  await using seen = await open([fetching, "As you like."]);
  seen.type("go\r");
  await seen.until(includes("Bash asks"));
  seen.clock.pass(600);
  await seen.until(includes("y yes   s session   a always   n no   r no, because"));
  seen.type("r");
  await seen.until(includes("Why not?"));
  seen.type("later\r");
  await seen.until(includes("As you like."));
  expect(JSON.stringify(seen.model.requests.at(-1)?.messages.at(-1))).toContain("(later)");
});

test("what is longer than the screen is allowed only once its end was seen", async () => {
  const command = `echo start${"\n".repeat(40)}curl example.com`;
  await using seen = await open([call("Bash", { command, network: true }), "Done."]);
  seen.type("go\r");
  await seen.until(includes("more rows"));
  seen.clock.pass(600);
  seen.type("y");
  expect(await seen.until(includes("End shows the rest"))).not.toContain("curl");
  expect(seen.program.active.questions).toHaveLength(1);
  seen.type("G");
  expect(await seen.until(includes("the end"))).toContain("network: true");
  seen.type("n");
  await seen.until(includes("Done."));
});

test("an edit is asked about with what it changes", async () => {
  const edit = call("Edit", { file_path: "AGENTS.md", old_string: "", new_string: "Be quick.\nBe kind." });
  await using seen = await open([edit, "Done."]);
  seen.type("go\r");
  expect(await seen.until(includes("Edit asks"))).toContain(`
 │ AGENTS.md
 │ +Be quick.
 │ +Be kind.
`);
  seen.type("\x1b");
  await seen.until((shown) => !shown.includes("asks"));
});

test("Up brings earlier prompts back, and Down what was being typed", async () => {
  await using seen = await open(["One.", "Two."]);
  seen.type("first\r");
  await seen.until(isIdle);
  seen.type("second\r");
  await seen.until((shown) => shown.includes("Two.") && isIdle(shown));
  seen.type("dra");
  seen.type("\x1b[A");
  seen.type("\x1b[A");
  await seen.until((shown) => rowsWith(shown, "❯ first") === 2);
  seen.type("\x1b[B\x1b[B");
  await seen.until(includes("❯ dra"));
});

test("Esc interrupts what runs, and Ctrl-C clears before it does", async () => {
  await using seen = await open([call("Bash", { command: "sleep 60" }), "Never."]);
  seen.type("wait\r");
  await seen.until(includes("◌ Bash sleep 60"));
  seen.type("draft\x03");
  await seen.until((shown) => !shown.includes("draft"));
  expect(seen.program.active.state).toBe("running");
  seen.type("\x03");
  await seen.until(includes("■ Interrupted by the user"));
});

test("Ctrl-C on an empty line says how to leave, and Ctrl-D on the last tab leaves", async () => {
  await using seen = await open([]);
  seen.type("\x03");
  await seen.until(includes("Ctrl-D on an empty line leaves"));
  seen.type("\x04");
  expect(seen.said).toEqual(["quit"]);
});

test("Ctrl-D asks again while something runs", async () => {
  await using seen = await open([call("Bash", { command: "sleep 60" })]);
  seen.type("\x1bn");
  seen.type("wait\r");
  await seen.until(includes("◌ Bash sleep 60"));
  seen.type("\x04");
  await seen.until(includes("It is still running"));
  seen.type("\x04");
  await seen.until((shown) => !shown.includes("2 wait") && !shown.includes("It is still running"));
  expect(seen.program.tabs).toHaveLength(1);
});

test("tabs are gone between by keys and by the mouse", async () => {
  await using seen = await open(["One."]);
  seen.type("first\r");
  await seen.until(isIdle);
  seen.type("\x1bn");
  await seen.until(includes(" 1 first  2 new"));
  seen.type("\x1b,");
  await seen.until(includes("One."));
  seen.type("\x1b2");
  await seen.until(includes("What is to be done?"));
  seen.type("\x1b[<0;3;1M");
  await seen.until(includes("One."));
});

test("a text is searched for backwards, and the wheel scrolls", async () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index} end`).join("\n\n");
  await using seen = await open([lines]);
  seen.type("count\r");
  await seen.until((shown) => shown.includes("line 59 end") && isIdle(shown));
  seen.type("\x13");
  await seen.until(includes("Search:"));
  seen.type("line 7 end\r");
  await seen.until(includes("line 7 end\n"));
  const rows = Array.from({ length: seen.emulator.rows }, (_, row) => seen.emulator.buffer.active.getLine(row));
  const row = rows.find((line) => line?.translateToString(true).includes("line 7 end"));
  expect([0, 3, 12, 13].map((column) => row?.getCell(column)?.isUnderline() !== 0)).toEqual([false, true, true, false]);
  seen.type("\x1b[200~!\x1b[201~\r");
  await seen.until(includes("It is not there"));
  seen.type("\x03");
  await seen.until(includes("↓ more below"));
  seen.type("\x1b[<65;3;5M".repeat(60));
  await seen.until((shown) => shown.includes("line 59 end") && !shown.includes("more below"));
});

test("? shows every key as it is bound", async () => {
  await using seen = await open([], { keys: new KeyMap({ send: ["C-g"] }) });
  seen.type("?");
  expect(await seen.until(includes("Send"))).toMatch(/ Ctrl-G {2,}Send\n/);
  seen.type("G");
  await seen.until(includes("Open the other branch in a tab"));
  seen.type("q");
  await seen.until(includes("What is to be done?"));
});

test("a long text grows to a third of the screen, and a paste is a token in it", async () => {
  await using seen = await open([], { rows: 18 });
  seen.type(`\x1b[200~${"line\n".repeat(40)}\x1b[201~`);
  await seen.until(includes("❯ [pasted 40 lines]"));
  for (let row = 1; row <= 9; row++) seen.type(`\x1b\rrow ${row}`);
  const shown = await seen.until(includes("row 9"));
  expect(shown.split("\n").slice(-10, -3)).toEqual([
    "─".repeat(60),
    "   row 4",
    "   row 5",
    "   row 6",
    "   row 7",
    "   row 8",
    "   row 9",
  ]);
});

test("a terminal that is resized shows the same, as wide as it is now", async () => {
  await using seen = await open(["Words that fill a line, and more of them than fit on a narrow one."]);
  seen.type("say\r");
  await seen.until(isIdle);
  seen.emulator.resize(40, 12);
  seen.screen.changed();
  expect(await seen.until(includes("a narrow one."))).toBe(`
 1 say

 ❯ say

   Words that fill a line, and more of
   them than fit on a narrow one.


────────────────────────────────────────
 ❯
 bough/say  ·  scripted/model
 Enter send   Esc interrupt   ? keys
`);
});

test("nothing is sent to the terminal while nothing changes", async () => {
  await using seen = await open(["One."]);
  seen.type("first\r");
  await seen.until(isIdle);
  const { length } = seen.written;
  seen.screen.changed();
  seen.screen.changed();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(seen.written).toHaveLength(length);
});

test("what is allowed for the session is not asked again, and questions come in order", async () => {
  const script = [fetching, { content: [...fetching.content, { ...fetching.content[0], id: "again" }] }, "Done."];
  await using seen = await open(script);
  seen.type("go\r");
  await seen.until(includes("For the session or always: Network"));
  seen.clock.pass(600);
  seen.type("s");
  expect(await seen.until(includes("Done."))).not.toContain("asks");
});

test("Ctrl-C interrupts the turn that asks", async () => {
  await using seen = await open([fetching, "Never."]);
  seen.type("go\r");
  await seen.until(includes("Bash asks"));
  seen.clock.pass(600);
  seen.type("\x03");
  await seen.until(includes("■ Interrupted by the user"));
  expect(seen.program.active.questions).toEqual([]);
});
