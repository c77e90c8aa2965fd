import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { complete } from "./complete.ts";
import { Completer } from "./completer.ts";
import { rankFuzzy } from "./fuzzy.ts";
import { Program } from "./program.ts";
import { slashCommands } from "./slash-commands.ts";

const files = ["src/main.ts", "src/session/land.ts", "docs/landing.md", "README.md"];
const values = { file: files, branch: ["bough/fix", "main"], mode: ["plan"], model: ["a/b"], tab: ["new", "fix"] };

async function completed(text: string, cursor = text.length) {
  const found = await complete(text, cursor, {
    commands: slashCommands,
    values: async (kind) => values[kind],
  });
  return found.map((candidate) => text.slice(0, candidate.from) + candidate.text + text.slice(candidate.to));
}

test("commands are completed by how they begin, then by their letters, ready for their arguments", async () => {
  expect((await completed("/me"))[0]).toBe("/merge ");
  expect(await completed("/brs")).toEqual(["/branches"]);
  expect(await completed("/")).toHaveLength(slashCommands.length);
  expect(await completed("say /me")).toEqual([]);
});

test("arguments are completed with what the command takes", async () => {
  expect(await completed("/merge f")).toEqual(["/merge bough/fix"]);
  expect(await completed("/merge fix --pr")).toEqual(["/merge fix --preview"]);
  expect(await completed("/model ")).toEqual(["/model a/b"]);
  expect((await completed("/help merg"))[0]).toBe("/help merge");
  expect(await completed("/status x")).toEqual([]);
  expect(await completed("/nothing x")).toEqual([]);
});

test("files are completed behind an @, wherever it stands, and the rest of the text stays", async () => {
  expect(await completed("look at @land")).toEqual(["look at @docs/landing.md", "look at @src/session/land.ts"]);
  expect(await completed("look at @smain and say", 14)).toEqual(["look at @src/main.ts and say"]);
  expect(await completed("mail me@main")).toEqual([]);
});

test("what has the letters together, at the beginning of a word and in the name comes first", () => {
  expect(rankFuzzy("ab", ["xaxb", "a-b", "ab", "xab"], 10)).toEqual(["ab", "xab", "a-b", "xaxb"]);
  expect(rankFuzzy("main", ["main/a.ts", "b/main.ts"], 10)).toEqual(["b/main.ts", "main/a.ts"]);
  expect(rankFuzzy("zz", files, 10)).toEqual([]);
  expect(rankFuzzy("", files, 2)).toEqual(files.slice(0, 2));
});

test("a tab is completed with the files of its worktree, and before it has one with the checkout's", async () => {
  await using repository = await temporaryRepository({
    enter: true,
    files: { "a.txt": "a\n", ".gitignore": "*.log\n", "x.log": "x\n" },
  });
  await using program = new Program({
    agent: { cwd: repository.path, model: scriptedModel([]) },
    onChange: () => {},
  });
  const completer = new Completer(program);
  const completed = async (text: string) =>
    (await completer.complete(program.active, text, text.length)).map((candidate) => candidate.text);
  expect(await completed("@")).toEqual(["@.gitignore", "@a.txt"]);
  await program.submit(program.active, "!echo b > b.txt");
  expect(await completed("@b")).toEqual(["@b.txt"]);
  expect(await completed("/merge ech")).toEqual(["bough/echo-b-b-txt"]);
  expect(await completed("/permissions pl")).toEqual(["plan"]);
  expect(await completed("/model claude-sonnet-4-5")).toContain("anthropic/claude-sonnet-4-5");
});
