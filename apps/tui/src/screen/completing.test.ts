import { expect, test } from "vitest";
import { Editor } from "../editor/editor.ts";
import type { Candidate } from "../program/complete.ts";
import { Completing } from "./completing.ts";

/** Completes the word before the cursor with words that are given. */
function completingWith(words: readonly string[]) {
  const asked: string[] = [];
  const complete = async (text: string, cursor: number): Promise<readonly Candidate[]> => {
    const before = text.slice(0, cursor);
    asked.push(before);
    const from = before.search(/\S*$/);
    const word = before.slice(from);
    return words.filter((each) => each.startsWith(word)).map((each) => ({ from, to: cursor, text: each }));
  };
  let changed = Promise.withResolvers<void>();
  const completing = new Completing(complete, () => changed.resolve());
  const editor = new Editor();
  return {
    asked,
    completing,
    editor,
    async type(text: string) {
      changed = Promise.withResolvers();
      editor.type(text);
      completing.follow(editor);
      await changed.promise;
      return completing.choices.map((choice) => choice.text);
    },
  };
}

test("a word behind an @ is followed, and the one that is chosen takes its place", async () => {
  const { completing, editor, type } = completingWith(["@one", "@other", "@two"]);
  editor.type("see ");
  expect(await type("@o")).toEqual(["@one", "@other"]);
  completing.move(-1);
  completing.take(editor);
  expect(editor.text).toBe("see @other");
  completing.follow(editor);
  expect(completing.choices).toEqual([]);
});

test("what is not one character for a computer is one place for the editor, and a pasted block is one too", async () => {
  const { completing, editor, type } = completingWith(["@one"]);
  editor.paste("a long block\n".repeat(20));
  editor.type(" 👩‍👩‍👧 é ");
  await type("@o");
  completing.take(editor);
  expect(editor.text).toBe(`${"a long block\n".repeat(20)} 👩‍👩‍👧 é @one`);
  expect(editor.buffer.atoms[0]?.isPaste).toBe(true);
});

test("other words are completed once that is asked for, and the only candidate is taken at once", async () => {
  const { completing, editor, asked } = completingWith(["alpha", "alps", "beta"]);
  editor.type("be");
  completing.follow(editor);
  expect(asked).toEqual([]);
  await completing.ask(editor);
  expect(editor.text).toBe("beta");
  editor.setText("al");
  await completing.ask(editor);
  expect(completing.choices.map(({ text }) => text)).toEqual(["alpha", "alps"]);
});

test("candidates of a text that has changed meanwhile replace nothing", async () => {
  const { completing, editor, type } = completingWith(["@one"]);
  await type("@o");
  editor.type("x");
  expect(completing.isFor(editor)).toBe(false);
  completing.take(editor);
  expect(editor.text).toBe("@ox");
});

test("what was closed stays so for the word", async () => {
  const { completing, editor, type, asked } = completingWith(["@one"]);
  await type("@o");
  completing.close(editor);
  editor.type("n");
  completing.follow(editor);
  expect(asked).toEqual(["@o"]);
  editor.type(" ");
  completing.follow(editor);
  expect(await type("@")).toEqual(["@one"]);
});

test("a word that is one of the candidates already is not offered again", async () => {
  const { type } = completingWith(["/log", "/login"]);
  expect(await type("/lo")).toEqual(["/log", "/login"]);
  expect(await type("g")).toEqual([]);
});
