import { expect, test } from "vitest";
import { story } from "./story.ts";

test("a question that touches no file is one empty commit, and the next is another", async () => {
  await using bough = await story({ script: [{ text: "It is a project." }, { text: "Ada's." }] });
  const { code, stdout, stderr } = await bough.run("-p", "What is this?", "-m", bough.model);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "It is a project.\n",
    stderr: "bough/what: no files changed. See it: bough log bough/what\n",
  });
  await bough.run("-p", "-c", "Whose?");
  expect(
    await bough.git("log", "--reverse", "--format=%s %(trailers:key=Agent-Turn,separator=)", "main..bough/what"),
  ).toBe("It is a project Agent-Turn: 1\nAda's Agent-Turn: 2");
  expect(await bough.git("diff", "--stat", "main", "bough/what")).toBe("");
  expect(await bough.git("for-each-ref", "--format=%(refname)")).toBe(
    "refs/bough/pending/what\nrefs/heads/bough/what\nrefs/heads/main",
  );
});

test("looking at files and commands that change none are in the commit of the answer", async () => {
  await using bough = await story({
    script: [
      { calls: [{ name: "Ls" }, { name: "Bash", input: { command: "git log --oneline | wc -l" } }] },
      { calls: [{ name: "Read", input: { file_path: "README.md" } }] },
      { text: "A project with one commit." },
    ],
  });
  expect(await bough.run("-p", "What is this?", "--permission-mode", "bypassPermissions")).toMatchObject({ code: 0 });
  expect(await bough.git("rev-list", "--count", "main..bough/what")).toBe("1");
  const message = await bough.git("log", "-1", "--format=%b", "bough/what");
  expect(message.match(/^(?:step \d turn \d|user|assistant|call \w+|result \w+)(?= |$)/gm)).toEqual([
    "step 0 turn 0",
    "step 1 turn 1",
    "user",
    "call Ls",
    "call Bash",
    "result Ls",
    "result Bash",
    "step 2 turn 1",
    "call Read",
    "result Read",
    "step 3 turn 1",
    "assistant",
  ]);
});
