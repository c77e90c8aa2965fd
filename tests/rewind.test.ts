import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const write = (path: string) => ({ name: "Write", input: { file_path: path, content: "roses\n" } });

/** The words of the last request, without the results of tools. */
const heard = ({ server }: Story) => server.requests.at(-1)?.messages.flatMap(({ text }) => text ?? []);

test("three turns, back by one, and the model hears two of them; undone, it hears the whole", async () => {
  await using bough = await story({
    script: [
      { text: "I write it.", calls: [write("poem.txt")] },
      { text: "There is a poem." },
      { text: "I add to it.", calls: [write("more.txt")] },
      { text: "It has two lines." },
      { text: "I spoil it.", calls: [write("thorns.txt")] },
      { text: "It is spoilt." },
      { text: "It has two lines still." },
      { text: "It is spoilt, as I said." },
    ],
  });
  await bough.run("-p", "Write a poem", "-m", bough.model, "--branch", "poem");
  await bough.run("-p", "-c", "Add a line");
  await bough.run("-p", "-c", "Spoil it");
  const whole = await bough.git("rev-parse", "bough/poem");

  const { code, stdout } = await bough.run("rewind", "--turns", "1");
  expect(code).toBe(0);
  expect(stdout).toContain("Out of the conversation:\n 3 > Spoil it\n");
  expect(await bough.git("ls-tree", "--name-only", "bough/poem")).toBe("README.md\nmore.txt\npoem.txt");
  await bough.run("-p", "-c", "How is it?");
  const two = ["Write a poem", "I write it.", "There is a poem.", "Add a line", "I add to it.", "It has two lines."];
  expect(heard(bough)).toEqual([...two, "How is it?"]);

  expect(stdout).toContain(`To undo it: bough rewind ${whole.slice(0, 9)}\n`);
  expect(await bough.run("rewind", whole.slice(0, 9))).toMatchObject({ code: 0, stderr: "" });
  expect(await bough.git("diff", whole, "bough/poem")).toBe("");
  await bough.run("-p", "-c", "How is it?");
  expect(heard(bough)).toEqual([...two, "Spoil it", "I spoil it.", "It is spoilt.", "How is it?"]);
});
