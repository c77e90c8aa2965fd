import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseRule } from "../permissions/rule.ts";
import { expandCommand } from "./expand-command.ts";
import { loadCommands, type UserCommand } from "./load-commands.ts";

let repository: TemporaryRepository;
let env: Record<string, string>;

beforeEach(async () => {
  repository = await temporaryRepository({ files: { "src/a.txt": "the a\n", "README.md": "# Read me\n" } });
  env = { HOME: join(repository.folder, "home") };
});
afterEach(() => repository[Symbol.asyncDispose]());

async function write(path: string, content: string): Promise<void> {
  const file = join(repository.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const load = () => loadCommands({ cwd: repository.path, env });
const command = (body: string): UserCommand => ({ name: "x", description: "", body, file: "x.md" });
const expand = (body: string, args = "", folder = "") =>
  expandCommand(command(body), { args, cwd: join(repository.path, folder) });

test("a command is a Markdown file, in folders that are part of its name", async () => {
  const front = "---\ndescription: Reviews: all of it\nargument-hint: [file]\nallowed-tools: Bash(rm:*)\n---\n";
  await write(".bough/commands/review.md", `${front}Review $1.\n`);
  await write(".claude/commands/git/tidy.md", "Tidy the history.\n\nAll of it.\n");
  await write(".claude/commands/notes.txt", "none");
  expect(await load()).toEqual({
    commands: [
      {
        name: "review",
        description: "Reviews: all of it",
        argumentHint: "[file]",
        body: "Review $1.",
        file: ".bough/commands/review.md",
      },
      {
        name: "git:tidy",
        description: "Tidy the history.",
        body: "Tidy the history.\n\nAll of it.",
        file: ".claude/commands/git/tidy.md",
      },
    ],
    warnings: [],
  });
});

test("of two with one name the repository's is meant; only the user's own chooses a model", async () => {
  const text = "---\nmodel: anthropic/dear\n---\nGo.";
  await write(".claude/commands/one.md", text);
  await write("../home/.claude/commands/one.md", text);
  await write("../home/.config/bough/commands/two.md", text);
  await write("../home/.claude/commands/three.md", "---\nmodel: sonnet\n---\nGo.");
  expect((await load()).commands.map(({ file, model }) => [file, model])).toEqual([
    [".claude/commands/one.md", undefined],
    ["~/.config/bough/commands/two.md", "anthropic/dear"],
    ["~/.claude/commands/three.md", undefined],
  ]);
});

test("one that is wrong is left out, with its file", async () => {
  await write(".bough/commands/a b.md", "Go.");
  await write(".bough/commands/c.md", "---\ndescription: {}\n---\nGo.");
  execFileSync("mkfifo", [join(repository.path, ".bough/commands/d.md")]);
  await symlink("/etc/hostname", join(repository.path, ".bough/commands/e.md"));
  await write(".bough/commands/1/2/3/4/5/f.md", "Too deep.");
  expect(await load()).toEqual({
    commands: [],
    warnings: [
      ".bough/commands/a b.md is not used: its name has other characters than letters, digits, - and _",
      ".bough/commands/c.md:2 is not used: description has to be a text of at most 4,096 characters",
    ],
  });
});

test("arguments take their places, all of them or one by one, in quotes where they have blanks", async () => {
  expect(await expand("Do $ARGUMENTS now.", " a  'b c' ")).toBe("Do a  'b c' now.");
  expect(await expand("$2 before $1, not $3.", `a "b \\"c\\""`)).toBe('b "c" before a, not .');
  expect(await expand("$1", "$2 $ARGUMENTS")).toBe("$2");
  expect(await expand("Go.", "faster")).toBe("Go.\n\nfaster");
  expect(await expand("$ARGUMENTSX $10")).toBe("$ARGUMENTSX $10");
});

test("whatever the arguments are, they stand there as they were given", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (args) => {
      expect(await expand("<$ARGUMENTS>", args.replaceAll("@", ""))).toBe(`<${args.replaceAll("@", "").trim()}>`);
    }),
    { numRuns: 30 },
  );
});

test("files that it names follow it, those of the repository, from the folder one is in", async () => {
  expect(await expand("See @README.md and @$1.", "src/a.txt")).toBe(
    'See @README.md and @src/a.txt.\n\n<file path="README.md">\n# Read me\n</file>\n\n<file path="src/a.txt">\nthe a\n</file>',
  );
  expect(await expand("See @a.txt, @../README.md", "", "src")).toContain('<file path="README.md">');
  await writeFile(join(repository.folder, "outside.md"), "secret");
  await symlink("../outside.md", join(repository.path, "link.md"));
  await write(".env", "A=b");
  const none = "@../outside.md @/etc/passwd @~/x @link.md @.env @someone @.git/config";
  expect(await expand(none)).toBe(none);
});

test("what the rules keep from the agent does not follow, and a long file is cut", async () => {
  const deny = [parseRule("Read(./src/**)")].filter((rule) => rule !== undefined);
  const rules = { allow: [], ask: [], deny };
  const options = { args: "", cwd: repository.path, rules };
  expect(await expandCommand(command("@src/a.txt @README.md"), options)).not.toContain("the a");
  await write("long.md", "a line\n".repeat(10_000));
  expect(await expand("@long.md")).toMatch(/a line\n\[cut here: the file has 70000 bytes\]\n<\/file>$/);
});

test("a command that it wants run is for the model to run", async () => {
  expect(await expand("State: !`git status`")).toBe(
    "State: !`git status`\n\nWhere !`command` stands above, run the command yourself, and take what it prints in its place.",
  );
});
