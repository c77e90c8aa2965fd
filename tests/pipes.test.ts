import { execFileSync } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ModelScript } from "@bough/test-kit";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const waiting: ModelScript = [
  ({ messages }) => ({ text: "I wait.", calls: [{ name: "Bash", input: { command: messages[0]?.text ?? "" } }] }),
  { text: "Yes." },
];

/** A running command that has made a file, and beside it a pipe of that name. */
async function commandWithPipe(bough: Story, name: string) {
  const told = join(bough.repository.folder, "told");
  execFileSync("mkfifo", [told]);
  const command = `mkdir sub && mkfifo sub/${name} && echo b > sub/b.txt && echo $PWD > ${told}; sleep 1000`;
  const running = bough.start("-p", command, "--branch", "pipes", "--permission-mode", "bypassPermissions");
  const worktree = (await readFile(told, "utf8")).trim();
  return { running, path: join(worktree, "sub", name) };
}

test("a command that puts a pipe where git reads its rules holds nothing up, and the pipe is named", async () => {
  const command = "mkdir sub && mkfifo sub/.gitignore && echo b > sub/b.txt";
  await using bough = await story({
    script: [
      { text: "I make a pipe.", calls: [{ name: "Bash", input: { command } }] },
      { text: "I look.", calls: [{ name: "Grep", input: { pattern: "b" } }] },
      { text: "Done." },
    ],
  });
  const { code, stdout, stderr } = await bough.run(
    ...["-p", "Make a pipe", "--branch", "pipes", "--permission-mode", "bypassPermissions"],
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Done.\n" });
  expect(stderr).toContain("left out of the commits: sub/.gitignore (a pipe, not a file)");
  expect(bough.server.requests[2]?.messages.at(-1)).toMatchObject({ results: [{ text: "sub/b.txt:1:b" }] });
  expect(await bough.git("diff", "--name-only", "main", "bough/pipes")).toBe("sub/b.txt");
});

test("SIGTERM with such a pipe in the way ends it in order, and what the command did is kept", async () => {
  await using bough = await story({ script: waiting });
  const { running } = await commandWithPipe(bough, ".gitignore");
  running.child.kill("SIGTERM");
  expect(await running.ended).toMatchObject({ code: 143 });
  expect(await bough.git("diff", "--name-only", "main", "bough/pipes")).toBe("sub/b.txt");
});

test("a pipe that somebody holds open ends a turn with its name, and without it the session goes on", async () => {
  await using bough = await story({ files: { ".gitattributes": "* text=auto\n" }, script: waiting });
  const { running, path } = await commandWithPipe(bough, ".gitattributes");
  running.child.kill("SIGTERM");
  {
    // It opens as soon as git waits for it, and from then on git reads what never ends.
    await using _held = await open(path, "w");
    const { code, stderr } = await running.ended;
    expect(code).toBe(42);
    expect(stderr).toContain("sub/.gitattributes is a pipe that somebody holds open");
  }
  await rm(path);
  expect(await bough.run("-p", "-c", "Go on")).toMatchObject({ code: 0, stdout: "Yes.\n" });
  expect(await bough.git("diff", "--name-only", "main", "bough/pipes")).toBe("sub/b.txt");
});
