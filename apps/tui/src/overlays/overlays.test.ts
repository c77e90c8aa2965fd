import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openScreen, type SeenOptions } from "../screen/screen-fixture.ts";

let repository: TemporaryRepository;
beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "a.py": "import requests\n\nx = 1\ny = 2\n" } });
});
afterEach(() => repository[Symbol.asyncDispose]());

const open = (script: Parameters<typeof openScreen>[1], options?: SeenOptions) =>
  openScreen(repository, script, options);

const call = (name: string, input: Record<string, unknown>) =>
  ({ content: [{ type: "call", id: name, name, input }] }) as const;

/** The model puts another word in the place of the one that the file begins with. */
const use = (word: string) =>
  ({
    content: [
      { type: "call", id: word, name: "Edit", input: { file_path: "a.py", old_string: "requests", new_string: word } },
    ],
  }) as const;

const includes = (text: string) => (shown: string) => shown.includes(text);

type Seen = Awaited<ReturnType<typeof open>>;

/** Sends a prompt, and waits until its turn is done. */
async function ask(seen: Seen, prompt: string, answer: string): Promise<void> {
  seen.type(`${prompt}\r`);
  await seen.until((shown) => shown.includes(answer) && !shown.includes("at work"));
}

/** A branch with a turn, and in a second tab its fork with one more. */
async function twoBranches(seen: Seen): Promise<void> {
  await ask(seen, "first", "One.");
  seen.type("/branch\r");
  await seen.until(includes("└ first.1"));
  await ask(seen, "second", "Two.");
}

const script = ["One.", use("httpx"), "Two."];

test("the tree shows branches and turns, and opens the one that is chosen", async () => {
  await using seen = await open(script);
  await twoBranches(seen);
  seen.type("\x1bt");
  expect(await seen.until(includes("● first"))).toBe(`
 1 first  └ first.1

 ● first                                      tab 1
 ◆ 1  first
 ╰─╮ first.1                                  tab 2
   ◆ 2  second                                       +1  −1






────────────────────────────────────────────────────────────
 ❯
 bough/first.1  ·  scripted/model
 Enter open   f fork   m merge   d diff   r rewind   l land
`);
  seen.type("kk\r");
  await seen.until((shown) => !shown.includes("● first") && shown.includes("bough/first  "));
  expect(seen.program.active.name).toBe("first");
});

test("the tree is filtered while one types, and Esc takes the filter away before it closes", async () => {
  await using seen = await open(script);
  await twoBranches(seen);
  seen.type("\x1bt");
  await seen.until(includes("◆ 1  first"));
  seen.type("/SEC");
  await seen.until((shown) => !shown.includes("◆ 1  first") && shown.includes("◆ 2  second"));
  seen.type("\r");
  seen.type("\x1b");
  await seen.until(includes("◆ 1  first"));
  seen.type("\x1b");
  await seen.until(includes("Two."));
});

test("a diff is gone through, searched, and set side by side where there is room", async () => {
  await using seen = await open(script, { columns: 100 });
  await twoBranches(seen);
  seen.type("/diff\r");
  const unified = await seen.until(includes("- import requests"));
  expect(unified).toContain(" 1   - import requests\n");
  expect(unified).toContain("   1 + import httpx\n");
  seen.type("s");
  expect(await seen.until(includes("│ 1 + import httpx"))).toMatch(/ 1 - import requests +│ 1 \+ import httpx\n/);
  seen.type("/nowhere\r");
  await seen.until(includes("It is not there"));
  seen.type("\x1b");
  await seen.until(includes("Two."));
});

test("a merge is shown before it is asked for, and done by y", async () => {
  await using seen = await open(script);
  await twoBranches(seen);
  seen.type("\x1b1");
  await seen.until(includes("One."));
  seen.type("/merge first.1\r");
  const shown = await seen.until(includes("? Merge first.1 into bough/first?"));
  expect(shown).toContain("1 file  +1 −1\n");
  expect(shown).toContain("+ import httpx");
  expect(await repository.git("log", "--format=%s", "bough/first")).not.toContain("Merge");
  seen.type("y");
  await seen.until(includes("Merged first.1 into bough/first as"));
});

test("a merge that conflicts shows both sides, and leads to a prompt that asks to mend it", async () => {
  await using seen = await open([...script, use("aiohttp"), "Three."], { columns: 100 });
  await twoBranches(seen);
  seen.type("\x1b1");
  await seen.until(includes("One."));
  await ask(seen, "third", "Three.");
  seen.type("/merge first.1\r");
  const shown = await seen.until(includes("first.1 does not go into first"));
  expect(shown).toMatch(/▸ a\.py +both changed the same place\n/);
  expect(shown).toMatch(/1 - import aiohttp +│ 1 \+ import httpx\n/);
  seen.type("a");
  await seen.until(includes("cannot be merged into this branch"));
  expect(seen.program.active.state).toBe("idle");
});

test("landing is shown and asked for, and Esc leaves everything as it was", async () => {
  await using seen = await open(script);
  await twoBranches(seen);
  seen.type("/land\r");
  expect(await seen.until(includes("? Land bough/first.1 on main as one commit?"))).toContain("  a.py\n");
  seen.type("\x1b");
  await seen.until(includes("Two."));
  expect(await repository.git("log", "--format=%s", "main")).not.toContain("second");
  seen.type("\x1bt");
  await seen.until(includes("◆ 2  second"));
  seen.type("l");
  await seen.until(includes("? Land"));
  seen.type("y");
  await seen.until(includes("Landed bough/first.1 as"));
});

test("the tree takes a branch back to a turn, once it was shown what that changes", async () => {
  await using seen = await open([...script, "Three."]);
  await twoBranches(seen);
  await ask(seen, "third", "Three.");
  seen.type("\x1bt");
  await seen.until(includes("◆ 3  third"));
  seen.type("kr");
  expect(await seen.until(includes("? Take bough/first.1 back?"))).toContain(" 3 > third\n");
  seen.type("y");
  await seen.until(includes("Took bough/first.1 back to"));
  expect(seen.shown()).not.toContain("Three.");
});

test("the tree forks after the turn that is chosen, and compares it with what was before", async () => {
  await using seen = await open(script);
  await twoBranches(seen);
  seen.type("\x1bt");
  await seen.until(includes("◆ 2  second"));
  seen.type("d");
  await seen.until(includes("+ import httpx"));
  seen.type("\x1b");
  await seen.until(includes("◆ 2  second"));
  seen.type("kkf");
  await seen.until(includes("bough/first.2"));
  expect(seen.program.tabs.map(({ name }) => name)).toEqual(["first", "first.1", "first.2"]);
});

test("a question that comes while something is open is told, and takes no key that was meant for that", async () => {
  const fetching = call("Bash", { command: "curl example.com", network: true });
  await using seen = await open([fetching, "As you like."]);
  seen.type("?");
  await seen.until(includes("While a text is typed"));
  void seen.program.submit(seen.program.active, "go");
  await seen.until(includes("a question waits below this"));
  seen.clock.pass(10_000);
  seen.type("y");
  expect(seen.program.active.questions).toHaveLength(1);
  seen.type("q");
  await seen.until(includes("Bash asks"));
  seen.type("n");
  await seen.until(includes("As you like."));
});

test("all commands are listed, and what is long goes on in its own column", async () => {
  await using seen = await open([], { rows: 40 });
  seen.type("/help\r");
  expect(await seen.until(includes("/branches"))).toContain(`
 Commands
 /branch [--rev N|<rev>]      Fork this branch into a tab
   [<prompt>]                 of its own, from now or from
                              an earlier moment, and run
                              the prompt there
`);
  seen.type("q");
  await seen.until(includes("What is to be done?"));
});
