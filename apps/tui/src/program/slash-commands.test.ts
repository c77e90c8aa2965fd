import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Script, scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Program } from "./program.ts";
import { commandsOf, slashCommands } from "./slash-commands.ts";

let repository: TemporaryRepository;
const open: Program[] = [];

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
});

afterEach(async () => {
  for (const program of open.splice(0)) await program[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const call = (name: string, input: Record<string, unknown>) =>
  ({ content: [{ type: "call", id: name, name, input }] }) as const;
const write = (path: string, content: string) => call("Write", { file_path: path, content });
const change = (path: string, content: string) => [call("Read", { file_path: path }), write(path, content)];

function start(script: Script) {
  let left = 0;
  const front = { leave: () => (left += 1) };
  const model = scriptedModel(script);
  const program = new Program({
    agent: { cwd: repository.path, model },
    front,
    page: () => ({ isTTY: false, columns: 80 }),
    onChange: () => {},
  });
  open.push(program);
  const type = (text: string) => program.submit(program.active, text);
  return { program, model, type, left: () => left };
}

/** What the commands in the tab that is looked at answered last; that of a failure begins with a `!`. */
function answered({ active }: Program): string {
  const last = active.transcript.entries.findLast(({ entry }) => entry.type === "output")?.entry;
  if (last?.type !== "output") return "";
  return `${last.isError ? "! " : ""}${last.text}`
    .replace(/\b[0-9a-f]{9}\b/g, "#########")
    .replace(/(just now|\d+ min ago)/g, "just now");
}

test("every command has a name of its own, a help without a full stop, and flags that stand in its synopsis", () => {
  const names = slashCommands.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(slashCommands.filter(({ help }) => help === "" || help.endsWith("."))).toEqual([]);
});

test("what is in front cannot do is not listed, and not known", async () => {
  const { program, type } = start([]);
  expect(commandsOf({}).map(({ name }) => name)).not.toContain("copy");
  await type("/copy");
  expect(answered(program)).toBe("! There is no command /copy. /help lists those there are.");
});

test("an unknown command runs nothing, and says which are near", async () => {
  const { program, type, model } = start(["Never."]);
  const asked = async (line: string) => {
    await type(line);
    return answered(program);
  };
  expect(await asked("/lnad")).toBe("! There is no command /lnad. Did you mean /land?");
  expect(await asked("/re")).toBe("! There is no command /re. Did you mean /rewind or /resume or /retry?");
  expect(await asked("/quit")).toBe("! There is no command /quit. Did you mean /exit?");
  expect(await asked("/zzzzzz now")).toBe("! There is no command /zzzzzz. /help lists those there are.");
  expect(model.requests).toHaveLength(0);
  expect(program.active.agent).toBeUndefined();
});

test("a usage error says how the command is written", async () => {
  const { program, type } = start(["Hello."]);
  await type("hello");
  await type("/land --json");
  expect(answered(program)).toBe(
    "! /land takes no --json.\nUsage: /land [--squash|--apply] [--onto <branch>] [--preview]",
  );
  await type("/merge");
  expect(answered(program)).toBe("! Say what to merge.\nUsage: /merge <branch> [--preview]");
  await type('/show "a');
  expect(answered(program)).toBe('! The quote " is not closed.\nUsage: /show [<rev>]');
});

test("a path is no command", async () => {
  const { type, model } = start(["I see."]);
  await type("/usr/bin/make fails, why?");
  expect(model.requests).toHaveLength(1);
});

test("help lists the commands, and tells of one", async () => {
  const { program, type } = start([]);
  await type("/help");
  for (const { name } of commandsOf(program.front)) expect(answered(program)).toContain(`/${name}`);
  await type("/help merge");
  expect(answered(program)).toBe(
    "/merge <branch> [--preview]\nMerge another branch, or newer commits of your own, into this one",
  );
});

test("log, show, diff, tokens and history are about the branch of the tab", async () => {
  const { program, type } = start([...change("a.txt", "two\n"), "Done.", write("b.txt", "b\n"), "Also done."]);
  await type("change a");
  await type("add b");
  await type("/log");
  expect(answered(program)).toContain("add b");
  await type("/show");
  expect(answered(program)).toContain("Also done.");
  await type("/diff --stat");
  expect(answered(program)).toContain("b.txt");
  expect(answered(program)).not.toContain("a.txt");
  await type("/diff --all --stat");
  expect(answered(program)).toContain("a.txt");
  await type("/tokens");
  expect(answered(program)).toBe("      1  0 in, 0 out  change a\n      2  0 in, 0 out  add b\n2 turns  0 in, 0 out");
  await type("/history");
  expect(answered(program)).toContain("Also done.");
  await type("/history --raw");
  expect(answered(program)).toContain('"text": "add b"');
});

test("a fork opens at once, and runs its prompt from the moment it was given", async () => {
  const { program, model, type } = start(["One.", "Two.", "Other."]);
  await type("first");
  await type("second");
  await type('/branch --rev 2 say "other"  \n  words');
  expect(program.tabs.map(({ name }) => name)).toEqual(["first", "first.1"]);
  expect(program.active.name).toBe("first.1");
  const asked = model.requests.at(-1)?.messages ?? [];
  expect(asked).toHaveLength(3);
  expect(JSON.stringify(asked.at(-1))).toContain(JSON.stringify('say "other"  \n  words').slice(1, -1));
  expect(model.requests).toHaveLength(3);
  await type("/branch --force");
  expect(answered(program)).toBe("! /branch takes no --force.\nUsage: /branch [--rev N|<rev>] [<prompt>]");
});

test("the prompt of a fork may hold an apostrophe", async () => {
  const { model, type } = start(["One.", "Other."]);
  await type("first");
  await type("/branch don't do that");
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("don't do that");
});

test("tabs are looked at by number and by name, and branches are listed with what they fork", async () => {
  const { program, type } = start(["One.", "Other."]);
  await type("first");
  await type("/branch");
  await type("try otherwise");
  await type("/tab 1");
  expect(program.active.name).toBe("first");
  await type("/tab");
  expect(answered(program)).toBe("▸ 1 first    idle\n  2 first.1  idle");
  await type("/tab 7");
  expect(answered(program)).toMatch(/^! There is no tab 7\. Those open are 1 first, 2 first\.1\./);
  await type("/branches");
  expect(answered(program)).toBe(
    "▸ first  1 turn, tab 1  first\n    first.1  after turn 1, 1 turn, tab 2  try otherwise",
  );
  await type("/tab new");
  expect(program.tabs).toHaveLength(3);
});

test("a branch is previewed, merged into another, and shown as merged", async () => {
  const { program, type } = start(["One.", write("b.txt", "b\n"), "Two."]);
  await type("first");
  await type("/branch");
  await type("add b");
  await type("/tab first");
  await type("/merge first.1 --preview");
  expect(answered(program)).toBe("first.1 would go into bough/first:\n  b.txt");
  await type("/merge first.1");
  expect(answered(program)).toBe("Merged first.1 into bough/first as #########:\n  b.txt");
  expect(program.tabs.map(({ state }) => state)).toEqual(["idle", "merged"]);
});

test("a merge that conflicts is a list, with what to do", async () => {
  const { program, type } = start([
    "One.",
    ...change("a.txt", "theirs\n"),
    "Two.",
    ...change("a.txt", "ours\n"),
    "Three.",
  ]);
  await type("first");
  await type("/branch");
  await type("change a");
  await type("/tab first");
  await type("change a too");
  await type("/merge first.1");
  expect(answered(program)).toBe(
    [
      "! first.1 does not go into bough/first, nothing was merged:",
      "  a.txt: both changed the same place",
      "Have one side give way, by a prompt here or there, and merge again.",
    ].join("\n"),
  );
});

test("a branch lands on the user's, and a landing that conflicts says which commands help", async () => {
  const { program, type } = start([...change("a.txt", "two\n"), "Done.", ...change("a.txt", "three\n"), "Done."]);
  await type("change a");
  await type("/land");
  expect(answered(program)).toBe("Landed bough/change as #########: Change a\n  a.txt");
  expect(await repository.read("a.txt")).toBe("two\n");
  await type("change it again");
  writeFileSync(join(repository.path, "a.txt"), "mine\n");
  await type("/land");
  expect(answered(program)).toContain("commit yours, then /merge <your branch>");
});

test("a rewind shows what is left, and says how it is undone", async () => {
  const { program, type } = start(["One.", "Two."]);
  await type("first");
  await type("second");
  await type("/rewind");
  expect(program.active.transcript.entries.map(({ entry }) => entry.type)).toEqual([
    "prompt",
    "answer",
    "notice",
    "output",
  ]);
  expect(answered(program)).toContain("To undo it: /rewind #########");
});

test("a retry takes the turn back and asks again", async () => {
  const { program, model, type } = start(["One.", "Two.", "Three."]);
  await type("first");
  await type("second");
  await type("/retry");
  expect(model.requests.at(-1)?.messages).toHaveLength(3);
  const said = program.active.transcript.entries.flatMap(({ entry }) => (entry.type === "answer" ? [entry.text] : []));
  expect(said).toEqual(["One.", "Three."]);
});

test("after a clear the model knows nothing of what was said", async () => {
  const { model, type } = start(["One.", "Two."]);
  await type("first");
  await type("/clear");
  await type("second");
  expect(model.requests.at(-1)?.messages).toHaveLength(1);
});

test("model and permissions are changed, also before there is a session", async () => {
  const { program, type } = start(["One."]);
  await type("/permissions plan");
  expect(answered(program)).toContain("mode   plan");
  await type("first");
  expect(program.active.agent?.permissionMode).toBe("plan");
  await type("/permissions default");
  expect(program.active.agent?.permissionMode).toBe("default");
  await type("/permissions lax");
  expect(answered(program)).toMatch(/^! There is no mode "lax"\.\nUsage: \/permissions/);
  await type("/model");
  expect(answered(program)).toBe("scripted/model");
  await type("/status");
  expect(answered(program)).toContain("branch       bough/first");
});

test("closing one of several tabs archives its branch and says so; the last one leaves and archives nothing", async () => {
  const { program, type, left } = start(["One.", "Two."]);
  await type("first");
  await type("/tab new");
  await type("second");
  await type("/exit");
  expect(program.tabs.map(({ name }) => name)).toEqual(["first"]);
  expect(answered(program)).toBe("bough/second is closed and archived. To open it again: /resume second");
  await type("/exit");
  expect(left()).toBe(1);
  await type("/resume second");
  expect(program.active.name).toBe("second");
  await type("/exit --all");
  expect(left()).toBe(2);
  expect(program.tabs).toHaveLength(2);
});

test("a tab in which nothing was answered and nothing changed leaves no branch when it is closed", async () => {
  const { program, type } = start(["One.", new Error("The line is dead")]);
  await type("first");
  await type("/tab new");
  await type("!true");
  await type("second");
  await type("/exit");
  expect(program.tabs.map(({ name }) => name)).toEqual(["first"]);
  expect(await repository.git("for-each-ref", "--format=%(refname)", "refs/heads/bough", "refs/bough/archive")).toBe(
    "refs/heads/bough/first",
  );
});

test("what a tab without an answer changed is kept when it is closed", async () => {
  const { program, type } = start(["One."]);
  await type("first");
  await type("/tab new");
  await type("!true");
  writeFileSync(join(program.active.agent?.worktree ?? "", "mine.txt"), "mine\n");
  await type("/exit");
  expect(answered(program)).toMatch(/is closed and archived\. To open it again: \/resume true$/);
});

test("what went wrong is listed", async () => {
  const { program, type } = start([call("Read", { file_path: "missing" }), "It is not there."]);
  await type("/errors");
  expect(answered(program)).toBe("Nothing went wrong here.");
  await type("look");
  await type("/errors");
  expect(answered(program)).toMatch(/^1 failure:\n {2}Read failed: /);
});

test("a command that fails says why in its tab", async () => {
  const { program, type } = start(["One."]);
  await type("/log nowhere");
  expect(answered(program)).toMatch(/^! .*nowhere/);
  await type("/status");
  expect(answered(program)).toMatch(/^! Nothing was asked in this tab yet/);
});
