import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, textOf } from "./line.ts";
import { widthOf } from "./width.ts";
import { clip, pad, widthOfLine, wrap } from "./wrap.ts";

const rows = (text: string, width: number, hang?: Line) => wrap([{ text }], width, hang).map(textOf);

test.each([
  ["plain", 5],
  ["日本語", 6],
  ["é", 1],
  ["e\u0301", 1],
  ["👍🏽", 2],
  ["👩‍👩‍👧", 2],
  ["🇩🇪", 2],
  ["❤️", 2],
  ["नि", 1],
  ["한국", 4],
  ["\u200b", 0],
])("%s fills %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("a line breaks between words", () => {
  expect(rows("the quick brown fox", 10)).toEqual(["the quick", "brown fox"]);
});

test("a word that fits no row breaks where the row ends", () => {
  expect(rows("a incomprehensible", 6)).toEqual(["a", "incomp", "rehens", "ible"]);
});

test("a wide character is not cut in two", () => {
  expect(rows("日本語", 5)).toEqual(["日本", "語"]);
});

test("the rows after the first hang", () => {
  expect(rows("- one two three", 9, [{ text: "  " }])).toEqual(["- one two", "  three"]);
});

test("the blanks that indent a line are no place to break it", () => {
  expect(rows("    indented", 8)).toEqual(["    inde", "nted"]);
});

test("an empty line is one row", () => {
  expect(wrap([], 10)).toEqual([[]]);
});

test("styles go with their words", () => {
  const line: Line = [{ text: "one " }, { text: "two three", style: { bold: true } }];
  expect(wrap(line, 8)).toEqual([
    [{ text: "one " }, { text: "two", style: { bold: true } }],
    [{ text: "three", style: { bold: true } }],
  ]);
});

test("what is cut off is told by an ellipsis", () => {
  expect(textOf(clip([{ text: "日本語のテキスト" }], 6))).toBe("日本…");
  expect(textOf(clip([{ text: "short" }], 5))).toBe("short");
});

test("no row is wider than its width, and but for blanks nothing is lost", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 }).map((value) => value.replaceAll(/[\p{Cc}\p{Cs}]/gu, " "));
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 30 }), (value, width) => {
      const wrapped = wrap([{ text: value }], width);
      for (const row of wrapped) expect(widthOfLine(row)).toBeLessThanOrEqual(width);
      const without = (given: string) => given.replaceAll(" ", "");
      expect(without(wrapped.map(textOf).join(""))).toBe(without(value));
      for (const row of wrapped) expect(widthOfLine(pad(row, width))).toBe(width);
      expect(widthOfLine(clip([{ text: value }], width))).toBeLessThanOrEqual(width);
    }),
  );
});

test("every picture that is one code point fills two columns", () => {
  const pictures = Array.from({ length: 0x20000 }, (_, index) => String.fromCodePoint(index)).filter((character) =>
    /^\p{RGI_Emoji}$/v.test(character),
  );
  expect(pictures.length).toBeGreaterThan(1000);
  expect(pictures.filter((picture) => widthOf(picture) !== 2)).toEqual([]);
});
