import fc from "fast-check";
import { expect, test } from "vitest";
import { Editor } from "../editor/editor.ts";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import { layOutEditor } from "./editor-view.ts";

/** A text as it is laid out, with a bar where the cursor stands. */
function shown(text: string, { width = 12, cursor, paste }: { width?: number; cursor?: number; paste?: string } = {}) {
  const editor = new Editor();
  editor.type(text);
  if (paste !== undefined) editor.paste(paste);
  if (cursor !== undefined) editor.moveTo(cursor);
  const layout = layOutEditor(editor.buffer, width);
  return layout.lines.map((line, row) => {
    const text = textOf(line);
    return row === layout.cursor.row
      ? `${text.slice(0, layout.cursor.column)}▏${text.slice(layout.cursor.column)}`
      : text;
  });
}

test.each([
  ["nothing", "", ["▏"]],
  ["a line", "a line", ["a line▏"]],
  ["a line that breaks between words", "some words that break", ["some words ", "that break▏"]],
  ["a word that fits no row", "abcdefghijklmnop", ["abcdefghijkl", "mnop▏"]],
  ["a row that is full", "abcdefghijkl", ["abcdefghijkl", "▏"]],
  ["line ends", "one\n\ntwo\n", ["one", "", "two", "▏"]],
  ["wide characters", "日本語日本語日", ["日本語日本語", "日▏"]],
  ["what a terminal would obey", "a\x1b[2J", ["a\\x1b[2J▏"]],
])("%s", (_, text, rows) => {
  expect(shown(text)).toEqual(rows);
});

test("a long paste is a token", () => {
  expect(shown("see ", { width: 30, paste: "line\n".repeat(40) })).toEqual(["see [pasted 40 lines]▏"]);
  expect(shown("see ", { width: 30, paste: "x".repeat(900) })).toEqual(["see [pasted 900 characters]▏"]);
});

test("the cursor stands where the text is", () => {
  expect(shown("some words that break", { cursor: 11 })).toEqual(["some words ", "▏that break"]);
  expect(shown("one\ntwo", { cursor: 3 })).toEqual(["one▏", "two"]);
});

test("a place in the rows is the place in the text that is nearest", () => {
  const editor = new Editor();
  editor.type("some words that break\nand");
  const { at } = layOutEditor(editor.buffer, 12);
  expect([at({ row: 0, column: 5 }), at({ row: 1, column: 4 }), at({ row: 2, column: 99 })]).toEqual([5, 15, 25]);
});

test("no row is wider than there is room, and the cursor is within", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "bc", " ", "\n", "日", "👍", "\t", "é"), maxLength: 60 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 9, max: 30 }), fc.nat(60), (text, width, cursor) => {
      const editor = new Editor();
      editor.type(text);
      editor.moveTo(cursor);
      const layout = layOutEditor(editor.buffer, width);
      for (const line of layout.lines) expect(widthOfLine(line)).toBeLessThanOrEqual(width);
      expect(layout.cursor.column).toBeLessThan(width);
      expect(layout.cursor.row).toBeLessThan(layout.lines.length);
    }),
  );
});
