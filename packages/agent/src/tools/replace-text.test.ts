import fc from "fast-check";
import { expect, test } from "vitest";
import { replaceText } from "./replace-text.ts";

function replaced(text: string, old: string, replacement: string, all = false) {
  return replaceText(text, { old, new: replacement, all });
}

test("a passage that occurs once is replaced", () => {
  expect(replaced("a b c", "b", "x")).toEqual({ type: "replaced", text: "a x c", count: 1 });
});

test("a passage that occurs more often is not, overlapping ones counted", () => {
  expect(replaced("x\nab\nx\nab", "ab", "y")).toEqual({ type: "ambiguous", lines: [2, 4] });
  expect(replaced("aaa", "aa", "y")).toEqual({ type: "ambiguous", lines: [1, 1] });
});

test("all occurrences are replaced when that is asked for", () => {
  expect(replaced("aaa b aa", "aa", "c", true)).toEqual({ type: "replaced", text: "ca b c", count: 2 });
});

test("in a CRLF file a passage with LF is found, and new lines end with CRLF", () => {
  expect(replaced("a\r\nb\r\nc\r\n", "a\nb\n", "a\nx\ny\n")).toMatchObject({ text: "a\r\nx\r\ny\r\nc\r\n" });
  expect(replaced("a\r\nb\r\n", "a\r\nb", "x\r\nb")).toMatchObject({ text: "x\r\nb\r\n" });
  expect(replaced("a\nb\n", "a\r\nb", "x\r\nb")).toMatchObject({ text: "x\nb\n" });
});

test("in a file with mixed line ends all but the new lines stay as they are", () => {
  const text = "a\r\nb\nc\r\nd\r\ne\n";
  expect(replaced(text, "b\nc\nd\ne", "b\nC\nd\ne")).toMatchObject({ text: "a\r\nb\nC\r\nd\r\ne\n" });
  expect(replaced(text, "b\nc", "b\nnew\nc")).toMatchObject({ text: "a\r\nb\nnew\r\nc\r\nd\r\ne\n" });
});

test("nothing in a replacement has a meaning of its own", () => {
  expect(replaced("a.b", ".", "$&$1\\n")).toMatchObject({ text: "a$&$1\\nb" });
});

test("replacing a unique passage gives the text around it, byte for byte, with the new one between", () => {
  const piece = fc.stringMatching(/^[ab\r\n]{0,6}$/).map((text) => text.replace(/\r(?!\n)/g, ""));
  fc.assert(
    fc.property(piece, piece, piece, (before, after, replacement) => {
      const result = replaced(`${before}<old>${after}`, "<old>", replacement);
      const inserted =
        result.type === "replaced" ? result.text.slice(before.length, result.text.length - after.length) : "";
      expect(result).toMatchObject({ text: before + inserted + after, count: 1 });
      expect(inserted.replaceAll("\r\n", "\n")).toBe(replacement.replaceAll("\r\n", "\n"));
    }),
  );
});
