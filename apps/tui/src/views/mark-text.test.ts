import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, textOf } from "../text/line.ts";
import { markText } from "./mark-text.ts";

const shown = (line: Line) =>
  line.map(({ text, style }) => (style?.role === "selected" ? `[${text}]` : text)).join("|");

test("what was found is marked, whatever its case and however it is styled", () => {
  const line: Line = [{ text: "The end, " }, { text: "the En", style: { bold: true } }, { text: "d." }];
  expect(shown(markText(line, "end"))).toBe("The |[end]|, |the |[En]|[d]|.");
  expect(markText(line, "nowhere")).toBe(line);
  expect(markText(line, "")).toBe(line);
});

test("a letter that is longer in lower case shifts no mark", () => {
  expect(shown(markText([{ text: "İİ end" }], "end"))).toBe("İİ |[end]");
});

test("the text of a line stays as it is", () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "A", "b", "漢", " ") }).map((text) => ({ text })));
  fc.assert(
    fc.property(lines, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 3 }), (line, text) => {
      expect(textOf(markText(line, text))).toBe(textOf(line));
    }),
  );
});
