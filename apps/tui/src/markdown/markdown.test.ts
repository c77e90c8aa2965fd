import fc from "fast-check";
import { lexer } from "marked";
import { expect, test } from "vitest";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import { blockLines } from "./blocks.ts";
import { GrowingMarkdown } from "./growing-markdown.ts";
import { highlight, languagesLoaded } from "./highlight.ts";

const linesOf = (text: string, width: number) => blockLines(lexer(text), width);
const shown = (text: string, width = 40) =>
  `\n${linesOf(text, width)
    .map((line) => textOf(line).trimEnd())
    .join("\n")}\n`;

test("a paragraph wraps, and its line breaks are blanks", () => {
  expect(shown("one two\nthree four five six seven", 20)).toBe(`
one two three four
five six seven
`);
});

test("lists hang, nest and number", () => {
  expect(
    shown("1. first point that goes on\n2. second\n   - nested one\n   - nested two\n\n- [x] done\n- [ ] open", 22),
  ).toBe(`
1. first point that
   goes on
2. second
   • nested one
   • nested two

• [x] done
• [ ] open
`);
});

test("a table has columns that fit", () => {
  expect(shown("| name | what it does |\n|---|--:|\n| `a` | one |\n| longer | a cell that wraps |", 24)).toBe(`
name   │    what it does
───────┼────────────────
a      │             one
longer │     a cell that
       │           wraps
`);
});

test("code keeps its lines and its blanks", () => {
  expect(shown("before\n\n```\nif (x) {\n\ty();\n}\n```\nafter")).toBe(`
before

  if (x) {
      y();
  }

after
`);
});

test("a quote has a bar, a rule is a line, a heading stands alone", () => {
  expect(shown("# Title\ntext\n> quoted\n> more\n\n---\nend", 12)).toBe(`
Title

text

│ quoted
│ more

────────────

end
`);
});

test("marks become styles", () => {
  expect(linesOf("**b** *i* ~~s~~ `c`", 40)[0]).toEqual([
    { text: "b", style: { bold: true } },
    { text: " " },
    { text: "i", style: { italic: true } },
    { text: " " },
    { text: "s", style: { strike: true } },
    { text: " " },
    { text: "c", style: { role: "code" } },
  ]);
});

test("a link shows where it leads, unless that is its text", () => {
  expect(shown("[the docs](https://a.example) and https://b.example")).toBe(`
the docs (https://a.example) and
https://b.example
`);
});

test("HTML is shown as it was written", () => {
  expect(shown("a <b>bold</b> word\n\n<details>\nx\n</details>")).toBe(`
a <b>bold</b> word

<details>
x
</details>
`);
});

test("what a terminal would obey is written out", () => {
  expect(shown("a\x1b[31mb\n\n```\n\x1b]52;c;x\x07\n```")).toBe(`
a\\x1b[31mb

  \\x1b]52;c;x\\x07
`);
});

test("code has colours once its language is there", async () => {
  expect(highlight("const x = 1; // why", "ts")).toBeUndefined();
  await languagesLoaded();
  expect(highlight("const x = '&<';\n// why", "ts title")).toEqual([
    [
      { text: "const", style: { role: "keyword" } },
      { text: " x = ", style: { role: "code" } },
      { text: "'&<'", style: { role: "string" } },
      { text: ";", style: { role: "code" } },
    ],
    [{ text: "// why", style: { role: "comment" } }],
  ]);
  expect(highlight("x", "brainfuck")).toBeUndefined();
  expect(highlight("x", "__proto__")).toBeUndefined();
});

const block = fc.constantFrom(
  "A paragraph of some words\nover two lines.",
  "# Heading",
  "- one\n- two\n  - nested\n- three",
  "1. one\n\n   with a paragraph\n\n2. two",
  "> a quote\n> of two lines",
  "```ts\nconst a = 1;\n\nconst b = 2;\n```",
  `~~~\n${Array.from({ length: 95 }, (_, line) => `line ${line}`).join("\n")}\n~~~`,
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "    indented code",
  "---",
  "日本語のテキスト and 👍🏽",
);

test("however it grows, it ends as it would have been laid out at once", () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), fc.integer({ min: 1, max: 90 }), (blocks, size) => {
      const text = blocks.join("\n\n");
      const growing = new GrowingMarkdown(40);
      for (let at = size; at < text.length; at += size) growing.lines(text.slice(0, at));
      expect(growing.lines(text).map(textOf)).toEqual(linesOf(text, 40).map(textOf));
    }),
    { numRuns: 200 },
  );
});

test("no line is wider than it may be, whatever the text", () => {
  const text = fc.array(fc.oneof(block, fc.string({ unit: "grapheme", maxLength: 80 })), { maxLength: 6 });
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 80 }), (parts, width) => {
      for (const line of linesOf(parts.join("\n\n"), width)) expect(widthOfLine(line)).toBeLessThanOrEqual(width);
    }),
  );
});
