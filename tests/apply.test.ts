import { expect, test } from "vitest";
import { story } from "./story.ts";

const files = { "poem.txt": "roses are red\nviolets are blue\nsugar is sweet\n", "old.txt": "old\n" };
const edit = (old_string: string, new_string: string) => ({
  name: "Edit",
  input: { file_path: "poem.txt", old_string, new_string },
});
const work = [
  {
    text: "I edit.",
    calls: [
      edit("sweet", "sour"),
      { name: "Write", input: { file_path: "new.txt", content: "new\n" } },
      { name: "Bash", input: { command: "rm old.txt" } },
    ],
  },
  { text: "All is done." },
];

test("--apply leaves the changes in the checkout as uncommitted edits, and index and branches as they are", async () => {
  await using bough = await story({ script: work, files });
  await bough.repository.write({ "staged.txt": "staged\n" });
  await bough.git("add", "--verbose", "staged.txt");
  const head = await bough.git("rev-parse", "HEAD");
  const { code, stdout, stderr } = await bough.run(
    "-p",
    "--apply",
    "Edit",
    "-m",
    bough.model,
    "--branch",
    "work",
    "--permission-mode",
    "bypassPermissions",
  );
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "All is done.\n",
    stderr:
      "bough/work: 3 files changed, 2 insertions(+), 2 deletions(-), applied to your checkout. See it: bough log bough/work\n",
  });
  expect(await bough.git("status", "--porcelain")).toBe(" D old.txt\n M poem.txt\nA  staged.txt\n?? new.txt");
  expect(await bough.git("rev-parse", "HEAD", "main")).toBe(`${head}\n${head}`);
});

test("--apply merges with what the user changes meanwhile", async () => {
  await using bough = await story({
    files,
    script: [
      ...work.slice(0, 1),
      async () => {
        await bough.repository.write({ "poem.txt": files["poem.txt"].replace("red", "pink") });
        return { text: "All is done." };
      },
    ],
  });
  expect(await bough.run("-p", "--apply", "Edit")).toMatchObject({ code: 0 });
  expect(await bough.repository.read("poem.txt")).toBe("roses are pink\nviolets are blue\nsugar is sour\n");
});

test("where the user changed the same place nothing is applied, and the work stays on its branch", async () => {
  let touched = "";
  await using bough = await story({
    files,
    script: [
      ...work.slice(0, 1),
      async () => {
        await bough.repository.write({ "poem.txt": files["poem.txt"].replace("sweet", "salty") });
        touched = await bough.repository.fingerprint();
        return { text: "All is done." };
      },
    ],
  });
  expect(
    await bough.run(
      "-p",
      "--apply",
      "Edit",
      "-m",
      bough.model,
      "--branch",
      "work",
      "--permission-mode",
      "bypassPermissions",
    ),
  ).toEqual({
    code: 1,
    stdout: "All is done.\n",
    stderr:
      "bough/work: 3 files changed, 2 insertions(+), 2 deletions(-). Land it: bough land bough/work\n" +
      "bough: Not applied: poem.txt is changed in your checkout at the same places. Nothing was touched there.\n",
  });
  expect(await bough.repository.fingerprint()).toBe(touched);
});

test("a turn that does not end well is not applied", async () => {
  await using bough = await story({ files, script: work });
  const before = await bough.repository.fingerprint();
  expect(await bough.run("-p", "--apply", "Edit", "--max-turns", "1")).toMatchObject({ code: 53 });
  expect(await bough.repository.fingerprint()).toBe(before);
});

test("in the middle of a merge nothing is applied, and the work stays on its branch", async () => {
  await using bough = await story({ files, script: work });
  await bough.git("switch", "--create", "other", "--quiet");
  await bough.repository.write({ "other.txt": "other\n" });
  await bough.repository.commitAll("Other");
  await bough.git("switch", "main");
  await bough.git("merge", "--no-ff", "--no-commit", "other");
  const before = await bough.repository.fingerprint();
  const { code, stderr } = await bough.run("-p", "--apply", "Edit", "--branch", "work");
  expect(code).toBe(42);
  expect(stderr).toMatch(/bough\/work: .*\nbough: .*merge/);
  expect(await bough.repository.fingerprint()).toBe(before);
});
