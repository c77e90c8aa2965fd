import fc from "fast-check";
import { expect, test } from "vitest";
import { Editor, type EditorAction, editorActions } from "./editor.ts";

function editorWith(text: string, ...actions: readonly EditorAction[]): Editor {
  const editor = new Editor();
  editor.setText(text);
  for (const action of actions) editor.act(action);
  return editor;
}

/** The text with the cursor in it. */
const shown = ({ buffer: { atoms, cursor } }: Editor) =>
  atoms.map(({ text }, index) => (index === cursor ? `|${text}` : text)).join("") +
  (cursor === atoms.length ? "|" : "");

test("the cursor passes a character as a person takes it", () => {
  expect(shown(editorWith("a👩‍👩‍👧e\u0301", "left", "left"))).toBe("a|👩‍👩‍👧e\u0301");
  expect(editorWith("日本👍🏽", "delete-left").text).toBe("日本");
});

test("an accent that is typed after its letter is one with it", () => {
  const editor = editorWith("e");
  editor.type("\u0301");
  editor.act("delete-left");
  expect(editor.text).toBe("");
});

test("words, lines and the text have a start and an end", () => {
  const text = "one two\nthree  four";
  expect(shown(editorWith(text, "word-left"))).toBe("one two\nthree  |four");
  expect(shown(editorWith(text, "word-left", "word-left"))).toBe("one two\n|three  four");
  expect(shown(editorWith(text, "line-start"))).toBe("one two\n|three  four");
  expect(shown(editorWith(text, "text-start", "line-end"))).toBe("one two|\nthree  four");
  expect(shown(editorWith(text, "text-start", "word-right"))).toBe("one| two\nthree  four");
});

test("what is killed one after the other is yanked as one, in its order", () => {
  const editor = editorWith("one two three", "delete-word-left", "delete-word-left");
  expect(editor.text).toBe("one ");
  editor.act("yank");
  expect(editor.text).toBe("one two three");
  expect(editorWith("one two", "text-start", "delete-word-right", "delete-word-right", "yank").text).toBe("one two");
});

test("a yank can be changed for what was killed before", () => {
  const editor = editorWith("one two", "delete-word-left", "left", "text-end", "kill-to-line-start");
  editor.act("yank");
  expect(editor.text).toBe("one ");
  editor.act("yank-before");
  expect(editor.text).toBe("two");
  editor.act("yank-before");
  expect(editor.text).toBe("one ");
});

test("at the end of a line its end is killed", () => {
  expect(editorWith("one\ntwo", "text-start", "line-end", "kill-to-line-end").text).toBe("onetwo");
  expect(editorWith("one\ntwo", "line-start", "kill-to-line-start").text).toBe("onetwo");
});

test("an undo takes back a word, and a redo brings it again", () => {
  const editor = new Editor();
  for (const character of "one two") editor.type(character);
  editor.act("undo");
  expect(editor.text).toBe("one");
  editor.act("undo");
  expect(editor.text).toBe("");
  editor.act("redo");
  editor.act("redo");
  expect(editor.text).toBe("one two");
});

test("a text that was sent can be had back", () => {
  const editor = editorWith("precious");
  expect(editor.take()).toBe("precious");
  expect(editor.isEmpty).toBe(true);
  editor.act("undo");
  expect(editor.text).toBe("precious");
});

test("a long paste is one token, and whole when it is sent", () => {
  const editor = editorWith("see ");
  const pasted = Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n");
  editor.paste(pasted);
  expect(editor.buffer.atoms).toHaveLength(5);
  expect(editor.text).toBe(`see ${pasted}`);
  editor.act("delete-left");
  expect(editor.text).toBe("see ");
});

test("a short paste is text like any other", () => {
  const editor = editorWith("");
  editor.paste("a b");
  expect(editor.buffer.atoms.map(({ isPaste }) => isPaste)).toEqual([false, false, false]);
});

test("two characters change places", () => {
  expect(shown(editorWith("ab", "transpose"))).toBe("ba|");
  expect(shown(editorWith("abc", "text-start", "right", "transpose"))).toBe("ba|c");
  expect(shown(editorWith("a", "transpose"))).toBe("a|");
});

const done = fc.oneof(
  fc.constantFrom(...editorActions).map((action) => (editor: Editor) => editor.act(action)),
  fc.string({ unit: "grapheme", maxLength: 3 }).map((text) => (editor: Editor) => editor.type(text)),
  fc.string({ unit: fc.constantFrom("x", "\n"), maxLength: 12 }).map((text) => (editor: Editor) => editor.paste(text)),
);

test("whatever is done, the cursor is in the text, and undoing all of it leaves nothing", () => {
  fc.assert(
    fc.property(fc.array(done, { maxLength: 60 }), (steps) => {
      const editor = new Editor();
      for (const step of steps) {
        step(editor);
        const { atoms, cursor } = editor.buffer;
        expect(cursor).toBeGreaterThanOrEqual(0);
        expect(cursor).toBeLessThanOrEqual(atoms.length);
      }
      for (let i = 0; i < 200; i++) editor.act("undo");
      expect(editor.text).toBe("");
    }),
  );
});
