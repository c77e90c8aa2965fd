import type { AssistantBlock } from "@bough/models";
import fc from "fast-check";
import { expect, test } from "vitest";
import { subjectOf } from "./subject.ts";

const said = (text: string): AssistantBlock => ({ type: "text", text });
const called = (name: string, input: Record<string, unknown>): AssistantBlock => ({
  type: "call",
  id: name,
  name,
  input,
});

test.each([
  ["I'll read package.json first. Then I look at the tests.", "I'll read package.json first"],
  ["Fixed the off-by-one in utils.ts, e.g. for v1.2. Tests pass.", "Fixed the off-by-one in utils.ts, e.g. for v1.2"],
  ["我来修复这个错误。然后运行测试。", "我来修复这个错误"],
  ["Why does it fail?", "Why does it fail?"],
])("it is the first sentence: %j", (text, subject) => {
  expect(subjectOf([said(text)])).toBe(subject);
});

test.each([
  ["Done. The server listens on port 3000 now.", "The server listens on port 3000 now"],
  ["Perfect! Now I'll update the tests.", "Now I'll update the tests"],
  ["You're absolutely right! I forgot the null check.", "I forgot the null check"],
  ["You’re absolutely right! I forgot the null check.", "I forgot the null check"],
  ["Great question! Both are kept.", "Both are kept"],
  ["Sure, I'll fix the test.", "I'll fix the test"],
  ["Okay — let me see.\n\nThe file is missing.", "The file is missing"],
  ["## Summary\n\nHere's what I changed:\n\n1. `a.ts` uses fetch", "a.ts uses fetch"],
  ["✅ All set!\n\nI made the following changes:\n- Renamed `x`\n- Removed `y`", "Renamed x"],
])("small talk is passed over when something that tells follows: %j", (text, subject) => {
  expect(subjectOf([said(text)])).toBe(subject);
});

test.each([
  ["No, the parser drops it.", "No, the parser drops it"],
  ["Right margin is 4.", "Right margin is 4"],
  ["Well-formed input passes.", "Well-formed input passes"],
  ["Good code needs no comment.", "Good code needs no comment"],
])("what only begins like small talk is kept: %j", (text, subject) => {
  expect(subjectOf([said(text)])).toBe(subject);
});

test.each([
  ["# Fix the **parser** of _dates_ #", "Fix the parser of dates"],
  ["> - [x] Use `httpx` in [the client](src/client.py)", "Use httpx in the client"],
  ["Renamed `snake_case` in my_module.py to **bold_name**", "Renamed snake_case in my_module.py to bold_name"],
  ["```sh\nnpm test\n```\nAll 12 tests pass.", "All 12 tests pass"],
  ["| file | lines |\n| --- | --- |\n| a.ts | 12 |\n\na.ts is the longest.", "a.ts is the longest"],
  ["<thinking>\nWhere is it?\n</thinking>", "Where is it?"],
  ["2 * 3 * 4 is 24", "2 * 3 * 4 is 24"],
])("Markdown goes: %j", (text, subject) => {
  expect(subjectOf([said(text)])).toBe(subject);
});

test("a long sentence is cut where a clause ends, else between words", () => {
  const clause = "Accented letters are dropped: they have to be taken apart before the rest is replaced.";
  expect(subjectOf([said(clause)])).toBe("Accented letters are dropped");
  const words =
    "I have refactored the configuration loader so that it reads all of its settings lazily and keeps them.";
  expect(subjectOf([said(words)])).toBe("I have refactored the configuration loader so that it reads all of its…");
});

test("without telling words it is what the tools were given", () => {
  const calls = [
    called("Read", { file_path: "a.ts" }),
    called("Read", { file_path: "b.ts" }),
    called("Bash", { command: "npm test\necho" }),
    called("Roll", { sides: 6 }),
  ];
  expect(subjectOf([said("Let me check."), ...calls])).toBe("Read a.ts, b.ts, Bash npm test, Roll");
});

test.each([
  ["Done.", "Done"],
  ["👍", "👍"],
  ["```ts\nconst a = 1;\n```", "const a = 1"],
])("what tells little is better than nothing: %j", (text, subject) => {
  expect(subjectOf([said(text)])).toBe(subject);
});

test("there is none when there is nothing to go by", () => {
  expect(subjectOf([])).toBeUndefined();
  expect(subjectOf([said(" \n ")])).toBeUndefined();
  expect(subjectOf([{ type: "thinking", text: "Hm." }])).toBeUndefined();
});

const markdown = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "*",
        "**",
        "`",
        "```",
        "\n",
        "\n\n",
        "# ",
        "| a |",
        "[x](y)",
        "Done.",
        "Perfect! ",
        "…",
        "_",
        "<b>",
        "\ud800",
      ),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

test("property: text that says anything has a subject of one line", () => {
  fc.assert(
    fc.property(markdown, (text) => {
      const subject = subjectOf([said(text)]);
      if (/[\p{Letter}\p{Number}]/u.test(text)) expect(subject?.trim()).toBeTruthy();
      expect(subject ?? "").not.toContain("\n");
      expect(subject?.length ?? 0).toBeLessThanOrEqual(72);
    }),
  );
});

test("text that was made to be hard to read is read in no time", () => {
  for (const piece of ["*", "a *", "_a ", "okay ", "okay, ", "the following ", "# ", "`", "[", "> "]) {
    expect(subjectOf([said(piece.repeat(1_000_000))])?.length ?? 0).toBeLessThanOrEqual(72);
  }
});
