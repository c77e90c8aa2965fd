import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Story, story } from "./story.ts";

// One story in chapters, each of which goes on where the one before ended: a line of work from its first prompt to a
// colleague who takes it up elsewhere.

const readme = [
  "# Greetings",
  "",
  "Greets whoever comes.",
  "",
  "## How",
  "",
  "node greet.js",
  "",
  "## Whose",
  "",
  "MIT",
  "",
];
const english = 'export const greetings = ["Hello"];\n';
const french = 'export const greetings = ["Hello", "Bonjour"];\n';

const write = (file_path: string, content: string) => ({ name: "Write", input: { file_path, content } });
const edit = (file_path: string, old_string: string, new_string: string) => ({
  name: "Edit",
  input: { file_path, old_string, new_string },
});

let bough: Story;

beforeAll(async () => {
  bough = await story({
    files: { "README.md": readme.join("\n") },
    script: [
      { text: "I write it.", calls: [write("greet.js", english)] },
      { text: "It says hello." },
      { text: "I add French.", calls: [edit("greet.js", '"Hello"', '"Hello", "Bonjour"')] },
      { text: "It says hello in two languages." },
      { text: "I tell how.", calls: [edit("README.md", "node greet.js", "node greet.js, in any language")] },
      { text: "The README tells of the languages." },
      // The fork.
      { text: "I add German.", calls: [edit("greet.js", '"Hello"', '"Hello", "Guten Tag"')] },
      { text: "It says hello in English and German." },
      {
        text: "I move it.",
        calls: [edit("greet.js", ', "Guten Tag"', ""), write("german.js", 'export const german = "Guten Tag";\n')],
      },
      { text: "German has a file of its own." },
      // Gone back, and the going back undone.
      { text: "English and French." },
      { text: "English, French and German." },
      // At home, then elsewhere.
      { text: "French, and German in a file of its own." },
      { text: "French, and German in a file of its own." },
    ],
  });
});

afterAll(() => bough[Symbol.asyncDispose]());

/** Draws the commits of branches; whichever moved last is named first. */
async function graph(...branches: string[]): Promise<string> {
  const drawn = await bough.git("log", "--graph", "--format=%s%d", "--decorate-refs=refs/heads", ...branches);
  return drawn.replaceAll(/ +$/gm, "");
}

/** Runs bough, and shows what a person sees, but for what is otherwise each time: ids and ages. */
async function shown(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await bough.run(...args);
  const exit = code === 0 ? "" : `[exit ${code}]\n`;
  return `$ bough ${args.join(" ")}\n${stdout}${stderr}${exit}`
    .replaceAll(/^index .*\n/gm, "")
    .replaceAll(/\b[0-9a-f]{9}\b/g, "<commit>")
    .replaceAll(/,? +(?:just now|\d+ \w+ ago)$/gm, "");
}

const tips = (...branches: string[]) => bough.git("rev-parse", ...branches);

test("three turns: each step that changed a file is a commit, and each answer ends its turn with one", async () => {
  for (const prompt of ["Write a greeting", "Greet in French too", "Tell of it in the README"]) {
    const going = prompt === "Write a greeting" ? ["--branch", "greeting", "-m", bough.model] : ["-c"];
    expect(await bough.run("-p", prompt, ...going)).toMatchObject({ code: 0 });
  }
  expect(await graph("bough/greeting")).toMatchInlineSnapshot(`
    "* The README tells of the languages (bough/greeting)
    * I tell how
    * It says hello in two languages
    * I add French
    * It says hello
    * I write it
    * First commit (main)"
  `);
});

test("a fork before the second prompt goes on from the first answer with another one", async () => {
  const { code, stdout } = await bough.run("branch", "--rev", "2", "Greet in German too");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "It says hello in English and German.\n" });
  expect(bough.server.requests.at(-2)?.messages.at(-1)).toEqual({ role: "user", text: "Greet in German too" });
  expect(await graph("bough/greeting.1", "bough/greeting")).toMatchInlineSnapshot(`
    "* It says hello in English and German (bough/greeting.1)
    * I add German
    | * The README tells of the languages (bough/greeting)
    | * I tell how
    | * It says hello in two languages
    | * I add French
    |/
    * It says hello
    * I write it
    * First commit (main)"
  `);
});

test("the two are compared as a patch, from the one to the other", async () => {
  expect(await shown("diff", "bough/greeting", "bough/greeting.1")).toMatchInlineSnapshot(`
    "$ bough diff bough/greeting bough/greeting.1
    diff --git a/README.md b/README.md
    --- a/README.md
    +++ b/README.md
    @@ -4,7 +4,7 @@ Greets whoever comes.
     
     ## How
     
    -node greet.js, in any language
    +node greet.js
     
     ## Whose
     
    diff --git a/greet.js b/greet.js
    --- a/greet.js
    +++ b/greet.js
    @@ -1 +1 @@
    -export const greetings = ["Hello", "Bonjour"];
    +export const greetings = ["Hello", "Guten Tag"];
    "
  `);
});

test("a merge in which they meet is refused: both sides are told, and nothing is left half-merged", async () => {
  const before = await tips("bough/greeting", "bough/greeting.1");
  expect(await shown("merge", "greeting.1", "--into", "greeting")).toMatchInlineSnapshot(`
    "$ bough merge greeting.1 --into greeting
    bough: greeting.1 does not go into bough/greeting, nothing was merged:
      greet.js: both changed the same place
    Make one side give way and merge again, as with: bough -p "<what to change>" --resume bough/greeting
    [exit 1]
    "
  `);
  expect(await tips("bough/greeting", "bough/greeting.1")).toBe(before);
});

test("once one of them has given way they are merged, never fast-forward, and the conversation is told", async () => {
  await bough.run("-p", "Put German in a file of its own", "--resume", "bough/greeting.1");
  expect(await shown("merge", "greeting.1", "--into", "greeting")).toMatchInlineSnapshot(`
    "$ bough merge greeting.1 --into greeting
    Merged greeting.1 into bough/greeting as <commit>:
      german.js
    "
  `);
  expect(await graph("bough/greeting")).toMatchInlineSnapshot(`
    "* Tell of the merge of bough/greeting.1 (bough/greeting)
    *   Merge bough/greeting.1 into bough/greeting
    |\\
    | * German has a file of its own (bough/greeting.1)
    | * I move it
    | * It says hello in English and German
    | * I add German
    * | The README tells of the languages
    * | I tell how
    * | It says hello in two languages
    * | I add French
    |/
    * It says hello
    * I write it
    * First commit (main)"
  `);
  expect(await bough.git("log", "-1", "--format=%b", "bough/greeting")).toContain(
    "bough/greeting.1 was merged into this branch. Files it changed here: german.js.",
  );
});

/** What the model was sent last: who said what, a line each. */
function heard(): string[] {
  const messages = bough.server.requests.at(-1)?.messages ?? [];
  return messages.map(({ role, text }) => `${role}: ${text?.split("\n", 1)[0] ?? "…"}`);
}

test("a rewind takes the merge and the turn before it back, files and all, and the model hears the shorter history", async () => {
  expect(await shown("rewind", "3", "--in", "greeting")).toMatchInlineSnapshot(`
    "$ bough rewind 3 --in greeting
    Took bough/greeting back to step 4 (<commit>) by <commit>

    Out of the conversation:
     3 > Tell of it in the README

     README.md  +1 −1
     german.js  −1
     2 files    +1 −2

    To undo it: bough rewind <commit>
    "
  `);
  await bough.run("-p", "Which languages are there?", "--resume", "greeting");
  expect(heard()).toMatchInlineSnapshot(`
    [
      "user: Write a greeting",
      "assistant: I write it.",
      "user: …",
      "assistant: It says hello.",
      "user: Greet in French too",
      "assistant: I add French.",
      "user: …",
      "assistant: It says hello in two languages.",
      "user: Which languages are there?",
    ]
  `);
});

test("a rewind to the commit before it undoes it, and the model hears the whole", async () => {
  const before = await bough.git(
    "log",
    "-1",
    "--format=%h",
    "--abbrev=9",
    "--grep=^Tell of the merge",
    "bough/greeting",
  );
  expect(await shown("rewind", before, "--in", "greeting")).toMatchInlineSnapshot(`
    "$ bough rewind <commit> --in greeting
    Took bough/greeting back to step 7 (<commit>) by <commit>

    Out of the conversation:
     4 > Which languages are there?

    Back in the conversation:
     3 > Tell of it in the README

     README.md  +1 −1
     german.js  +1
     2 files    +2 −1

    To undo it: bough rewind <commit>
    "
  `);
  expect(await bough.git("diff", before, "bough/greeting")).toBe("");
  await bough.run("-p", "And now?", "--resume", "greeting");
  expect(heard()).toMatchInlineSnapshot(`
    [
      "user: Write a greeting",
      "assistant: I write it.",
      "user: …",
      "assistant: It says hello.",
      "user: Greet in French too",
      "assistant: I add French.",
      "user: …",
      "assistant: It says hello in two languages.",
      "user: Tell of it in the README",
      "assistant: I tell how.",
      "user: …",
      "assistant: The README tells of the languages.",
      "user: [bough/greeting.1 was merged into this branch. Files it changed here: german.js.",
    ]
  `);
  expect(await graph("bough/greeting")).toMatchInlineSnapshot(`
    "* English, French and German (bough/greeting)
    * Go back to step 7
    * English and French
    * Go back to step 4
    * Tell of the merge of bough/greeting.1
    *   Merge bough/greeting.1 into bough/greeting
    |\\
    | * German has a file of its own (bough/greeting.1)
    | * I move it
    | * It says hello in English and German
    | * I add German
    * | The README tells of the languages
    * | I tell how
    * | It says hello in two languages
    * | I add French
    |/
    * It says hello
    * I write it
    * First commit (main)"
  `);
});

test("landing by squash leaves a half-staged checkout as it was: what is staged, partly staged, and not staged", async () => {
  await bough.repository.write({
    "README.md": readme.with(0, "# Greetings, politely").join("\n"),
    "staged.txt": "staged\n",
  });
  await bough.git("add", "README.md", "staged.txt");
  await bough.repository.write({
    "README.md": readme.with(0, "# Greetings, politely").with(10, "MIT, by Ada").join("\n"),
    "staged.txt": "staged\nand not yet\n",
    "loose.txt": "loose\n",
  });
  const [staged, loose] = [await changedLines("--cached"), await changedLines()];

  expect(await shown("land", "greeting")).toMatchInlineSnapshot(`
    "$ bough land greeting
    Landed bough/greeting as <commit>: Write a greeting
      README.md
      german.js
      greet.js
    "
  `);
  expect(await graph("main")).toMatchInlineSnapshot(`
    "* Write a greeting (main)
    * First commit"
  `);
  expect(await bough.git("status", "--short")).toBe("MM README.md\nAM staged.txt\n?? loose.txt");
  expect([await changedLines("--cached"), await changedLines()]).toEqual([staged, loose]);
  expect(await bough.git("show", "--format=", "--name-only")).toBe("README.md\ngerman.js\ngreet.js");
  expect(await bough.repository.read("greet.js")).toBe(french);
});

/** The lines that differ, without where they are: landing moves lines. */
async function changedLines(...options: string[]): Promise<string[]> {
  return (await bough.git("diff", "-U0", ...options)).split("\n").filter((line) => /^(?:[+-]|diff)/.test(line));
}

test("a landed line knows its prompt, its step and its model, through the merge and the landing", async () => {
  expect(await shown("why", "german.js:1")).toMatchInlineSnapshot(`
    "$ bough why german.js:1
    german.js

    ● step 6, turn 3 of bough/greeting.1
      > Put German in a file of its own
      anthropic/claude-sonnet-5-5 · 10 in, 5 out · $0.0001
      <commit>  I move it, landed as <commit>
        1  export const german = "Guten Tag";
    "
  `);
});

test("the log tells of all of it: turns and steps, what was rewound, what came in, where a fork began, what landed", async () => {
  expect(await shown("log", "--all")).toMatchInlineSnapshot(`
    "$ bough log --all
    ● bough/greeting
    │
    ◆ turn 5  And now?
    │ anthropic/claude-sonnet-5-5 · 10 in, 5 out · $0.0001
    ├─ landed on main as <commit>
    │ <commit>  step 11  English, French and German
    │
    ◆ turn 4  Which languages are there?
    │ anthropic/claude-sonnet-5-5 · 10 in, 5 out · $0.0001
    │ <commit>  step 10  Go back to step 7
    │            README.md +1 −1
    │            german.js +1
    │ <commit>  step 9, rewound  English and French
    │
    ◆ turn 3  Tell of it in the README
    │ anthropic/claude-sonnet-5-5 · 20 in, 10 out · $0.0001
    │ <commit>  step 8, rewound  Go back to step 4
    │            README.md +1 −1
    │            german.js −1
    │ <commit>  step 7  Tell of the merge of bough/greeting.1
    ├ <commit>  merge  bough/greeting.1 at <commit>
    │            german.js +1
    │ <commit>  step 6  The README tells of the languages
    │ <commit>  step 5  I tell how
    │            README.md +1 −1
    │
    ◆ turn 2  Greet in French too
    │ anthropic/claude-sonnet-5-5 · 20 in, 10 out · $0.0001
    │ <commit>  step 4  It says hello in two languages
    │ <commit>  step 3  I add French
    │            greet.js +1 −1
    │
    ◆ turn 1  Write a greeting
    │ anthropic/claude-sonnet-5-5 · 20 in, 10 out · $0.0001
    │ <commit>  step 2  It says hello
    │ <commit>  step 1  I write it
    │            greet.js +1
    │
    ○ <commit>  where it started

    ● bough/greeting.1
    │
    ◆ turn 3  Put German in a file of its own
    │ anthropic/claude-sonnet-5-5 · 20 in, 10 out · $0.0001
    │ <commit>  step 7  German has a file of its own
    │ <commit>  step 6  I move it
    │            german.js +1
    │            greet.js +1 −1
    │
    ◆ turn 2  Greet in German too
    │ anthropic/claude-sonnet-5-5 · 20 in, 10 out · $0.0001
    │ <commit>  step 5  It says hello in English and German
    │ <commit>  step 4  I add German
    │            greet.js +1 −1
    │
    ╰─ forked from bough/greeting at <commit>
    "
  `);
});

test("pushed and cloned it goes on elsewhere, and the model is sent what it is sent at home, byte for byte", async () => {
  const { folder } = bough.repository;
  const [bare, elsewhere] = [join(folder, "shared.git"), join(folder, "elsewhere")];
  await bough.git("init", "--bare", bare);
  await bough.git("push", bare, "main", "bough/greeting");
  await bough.git("clone", "--branch", "main", bare, elsewhere);
  const prompt = "Which languages are there?";
  await bough.run("-p", prompt, "--resume", "greeting");
  const { code, stdout } = await bough.runWith({ cwd: elsewhere }, "-p", prompt, "--resume", "origin/bough/greeting");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "French, and German in a file of its own.\n" });

  const [atHome, there] = bough.server.requests.slice(-2).map(({ body }) => JSON.stringify(body));
  expect(there).toBe(atHome);
  expect(heard()).toMatchInlineSnapshot(`
    [
      "user: Write a greeting",
      "assistant: I write it.",
      "user: …",
      "assistant: It says hello.",
      "user: Greet in French too",
      "assistant: I add French.",
      "user: …",
      "assistant: It says hello in two languages.",
      "user: Tell of it in the README",
      "assistant: I tell how.",
      "user: …",
      "assistant: The README tells of the languages.",
      "user: [bough/greeting.1 was merged into this branch. Files it changed here: german.js.",
      "assistant: English, French and German.",
      "user: Which languages are there?",
    ]
  `);
  expect(await bough.git("-C", elsewhere, "branch", "--format=%(refname:short)")).toBe("bough/greeting\nmain");
});
