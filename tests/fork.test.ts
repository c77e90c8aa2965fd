import { expect, test } from "vitest";
import { story } from "./story.ts";

const write = (content: string) => ({ name: "Write", input: { file_path: "poem.txt", content } });

test("a fork from before the second prompt has the files and the conversation of the first, and goes its own way", async () => {
  await using bough = await story({
    script: [
      { text: "I write it.", calls: [write("roses\n")] },
      { text: "There is a poem." },
      { text: "I read it.", calls: [{ name: "Read", input: { file_path: "poem.txt" } }] },
      { text: "I add to it.", calls: [write("roses\nviolets\n")] },
      { text: "It has two lines." },
      { text: "It has one line." },
    ],
  });
  await bough.run("-p", "Write a poem", "-m", bough.model, "--branch", "poem");
  await bough.run("-p", "-c", "Add a line");
  const { code, stdout } = await bough.run("branch", "--rev", "2", "How many lines?");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "It has one line.\n" });

  expect(bough.server.requests.at(-1)?.messages.map(({ role, text }) => [role, text])).toEqual([
    ["user", "Write a poem"],
    ["assistant", "I write it."],
    ["user", undefined],
    ["assistant", "There is a poem."],
    ["user", "How many lines?"],
  ]);
  expect(await bough.git("show", "bough/poem.1:poem.txt")).toBe("roses");
  expect(await bough.git("show", "bough/poem:poem.txt")).toBe("roses\nviolets");
  const log = (branch: string) => bough.git("log", "--format=%s", `main..${branch}`);
  expect(await log("bough/poem.1")).toBe("It has one line\nThere is a poem\nI write it");
  expect(await log("bough/poem")).toBe("It has two lines\nI add to it\nThere is a poem\nI write it");
});

test("a fork without a prompt says where it stands, and a moment that is not there is bad input", async () => {
  await using bough = await story({ script: [{ text: "Hello." }] });
  await bough.run("-p", "Hi", "-m", bough.model, "--branch", "talk");
  const { code, stdout } = await bough.run("branch", "--json", "--name", "aside");
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { branch: "bough/aside", commit: await bough.git("rev-parse", "bough/talk"), worktree: expect.any(String) },
  ]);
  expect(await bough.run("branch", "--from", "bough/talk", "--rev", "7")).toMatchObject({
    code: 42,
    stderr: expect.stringContaining("There is no prompt 7"),
  });
});

test("a fork whose model cannot be had leaves nothing behind", async () => {
  await using bough = await story({ script: [{ text: "Hello." }, { text: "Aside." }] });
  await bough.run("-p", "Hi", "-m", bough.model, "--branch", "talk");
  const refs = () => bough.git("for-each-ref", "refs/heads/bough", "refs/bough");
  const before = await refs();
  const withoutKey = { env: { ANTHROPIC_API_KEY: undefined } };
  expect(await bough.runWith(withoutKey, "branch", "And now?")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("ANTHROPIC_API_KEY"),
  });
  expect((await bough.run("branch", "And now?", "-m", "nobody/knows")).code).toBe(2);
  expect(await refs()).toBe(before);
  expect(await bough.git("worktree", "list")).not.toContain("talk.1");
  expect(await bough.run("branch", "And now?", "--json")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/"branch": "bough\/talk\.1"(?:.|\n)*\nAside\.\n$/),
  });
});
