import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelScript, RecordedRequest } from "@bough/test-kit";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const folder = join(import.meta.dirname, "../examples");
const prompts = (request: Pick<RecordedRequest, "messages"> | undefined) =>
  request?.messages.flatMap(({ role, text }) => (role === "user" && text !== undefined ? [text] : [])) ?? [];
const write = (file_path: string, content: string) => ({ calls: [{ name: "Write", input: { file_path, content } }] });
const tipsOf = (bough: Story) =>
  bough.git("for-each-ref", "--format=%(refname:short): %(contents:subject)", "refs/heads/bough");

/** Runs an example as its reader would, in a project with the key of a provider. */
async function tryOut(name: string, script: ModelScript, ...args: string[]) {
  const bough = await story({ script });
  const { code, stdout, stderr } = await bough.runProgram(join(folder, name), ...args);
  const refused = bough.server.requests.flatMap((request) => request.refused ?? []);
  expect({ code, stderr, refused }).toEqual({ code: 0, stderr: "", refused: [] });
  return { bough, stdout };
}

test("each example fits on a screen, and the README names it", async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
  const readme = await readFile(join(folder, "README.md"), "utf8");
  expect(names).toHaveLength(6);
  for (const name of names) {
    const lines = (await readFile(join(folder, name), "utf8")).trimEnd().split("\n");
    expect(lines.length, name).toBeLessThan(40);
    expect(readme).toContain(`(${name})`);
  }
});

test("one turn: the answer as it comes, and where the work is", async () => {
  const script = [{ text: "It is a project.", usage: { input: 900, output: 40 } }];
  const { bough, stdout } = await tryOut("one-turn.ts", script, "What is this?");
  await using _ = bough;
  expect(stdout).toMatchInlineSnapshot(`
    "It is a project.

    bough/what: done, no file changed
    It cost $0.0033.
    "
  `);
});

test("parallel workers and a reducer: each works on its own fork, and one puts it together", async () => {
  const script = (request: RecordedRequest) => {
    const asked = prompts(request);
    if (asked[0]?.includes("Others did this")) return { text: "Both are there." };
    const file = asked[0]?.split(" ").at(-1) ?? "";
    return request.messages.length === 1 ? write(file, "Text.\n") : { text: `${file} is written.` };
  };
  const { bough, stdout } = await tryOut("parallel-workers.ts", script, "Write A.md", "Write B.md");
  await using _ = bough;
  expect(stdout).toMatchInlineSnapshot(`
    "bough/workers.1: done, merged
    bough/workers.2: done, merged
    bough/workers: Both are there.
    "
  `);
  expect(prompts(bough.server.requests.at(-1))).toMatchInlineSnapshot(`
    [
      "[bough/workers.1 was merged into this branch. Files it changed here: A.md.
    Its commits:
    - A.md is written
    - Write A.md]

    [bough/workers.2 was merged into this branch. Files it changed here: B.md.
    Its commits:
    - B.md is written
    - Write B.md]

    Others did this, and it is merged. Make one whole of it:

    Write A.md: A.md is written.

    Write B.md: B.md is written.",
    ]
  `);
  expect(await bough.repository.graph()).toMatchInlineSnapshot(`
    "* Both are there (bough/workers)
    * Tell of the merge of bough/workers.2
    *   Merge bough/workers.2 into bough/workers
    |\\  
    | * B.md is written (bough/workers.2)
    | * Write B.md
    * | Tell of the merge of bough/workers.1
    * |   Merge bough/workers.1 into bough/workers
    |\\ \\  
    | * | A.md is written (bough/workers.1)
    | * | Write A.md
    | |/  
    * / Start of the session
    |/  
    * First commit (main)"
  `);
});

test("fork and compare: two ways from one state, neither knows of the other", async () => {
  const script = [
    write("count.sh", "wc -l *\n"),
    { text: "By a shell script." },
    write("count.js", "// counts\n"),
    { text: "In JavaScript." },
  ];
  const { bough, stdout } = await tryOut("fork-and-compare.ts", script, "Count");
  await using _ = bough;
  expect(stdout).toMatchInlineSnapshot(`
    "bough/count: 1 file changed, 1 insertion(+), in 2 replies
    bough/count.1: 1 file changed, 1 insertion(+), in 2 replies
    Compare them: git diff bough/count bough/count.1
    Take one:     bough land bough/count.1
    "
  `);
  expect(bough.server.requests[2]?.messages).toHaveLength(1);
  expect(await bough.git("ls-tree", "--name-only", "bough/count")).toBe("README.md\ncount.sh");
  expect(await bough.git("ls-tree", "--name-only", "bough/count.1")).toBe("README.md\ncount.js");
});

test("a custom tool: the model is answered by the program, also when it is wrong", async () => {
  const stock = (article: string) => ({ name: "Stock", input: { article } });
  const { bough, stdout } = await tryOut("custom-tool.ts", [
    { calls: [stock("nails"), stock("hammer")] },
    { calls: [stock("hammers")] },
    write("ORDER.md", "- hammers\n"),
    { text: "Hammers are." },
  ]);
  await using _ = bough;
  expect(stdout).toMatchInlineSnapshot(`
    "Stock: There is no article hammer. Articles: nails, hammers.
    Stock: 1200 nails
    Stock: 0 hammers
    Write: Created ORDER.md (1 line, 10 bytes).
    Hammers are.
    bough/order: 1 file changed, 1 insertion(+)
    "
  `);
});

test("resume from a hash: files and conversation are those of that commit", async () => {
  const { bough, stdout } = await tryOut("resume-from-a-hash.ts", [
    write("WORD.txt", "heron\n"),
    { text: "heron" },
    write("WORD.txt", "oak\n"),
    { text: "oak" },
    { calls: [{ name: "Read", input: { file_path: "WORD.txt" } }] },
    ({ messages }) => ({ text: `It says ${messages.at(-1)?.results?.[0]?.text}` }),
  ]);
  await using _ = bough;
  expect(stdout.replace(/[0-9a-f]{7}/, "<commit>")).toMatchInlineSnapshot(`
    "bough/word.1 goes on from <commit>, after turn 1, on anthropic/claude-sonnet-4-5.
    It says      1	heron
    "
  `);
  expect(await tipsOf(bough)).toMatchInlineSnapshot(`
    "bough/word: oak
    bough/word.1: It says 1 heron"
  `);
});

test("a read-only reviewer after a coder: it is offered nothing to write with, and is heard", async () => {
  const { bough, stdout } = await tryOut("reviewer-after-coder.ts", [
    write("duration.js", "// wrong\n"),
    { text: "It is there." },
    { text: "duration.js holds only a comment." },
    write("duration.js", "export const parse = 1;\n"),
    { text: "Mended." },
    { text: "FINE" },
  ]);
  await using _ = bough;
  expect(stdout).toMatchInlineSnapshot(`
    "bough/add-function-parses-duration-such.1: duration.js holds only a comment.
    bough/add-function-parses-duration-such.2: FINE
    bough/add-function-parses-duration-such: 1 file changed, 1 insertion(+)
    "
  `);
  expect(bough.server.requests[2]?.tools).toEqual(["Read", "Grep", "Find", "Ls"]);
  expect(prompts(bough.server.requests[3]).at(-1)).toContain("only a comment");
});
