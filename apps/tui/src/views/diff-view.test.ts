import { createTwoFilesPatch } from "diff";
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeForTerminal } from "../terminal-text.ts";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import { layOutDiff } from "./diff-view.ts";
import { parsePatch } from "./patch.ts";

const files = [
  { path: "client.py", from: undefined, added: 3, removed: 2 },
  { path: "b.bin", from: undefined, added: undefined, removed: undefined },
];

const patch = `diff --git a/client.py b/client.py
index 20b1553..ecfbfd5 100644
--- a/client.py
+++ b/client.py
@@ -9,4 +9,5 @@ def get
 one
-import requests
--- two dashes
+import httpx
 three
+\tfour
+five
\\ No newline at end of file
diff --git a/b.bin b/b.bin
Binary files a/b.bin and b/b.bin differ
`;

const shown = (width: number, isSideBySide: boolean) => {
  const { lines } = layOutDiff({ files }, parsePatch(patch), { width, isSideBySide });
  return `\n${lines.map((line) => textOf(line).trimEnd()).join("\n")}\n`;
};

test("a diff begins with its files, and each line has its numbers", () => {
  expect(shown(60, false)).toBe(`
2 files  +3 −2
client.py  +3 −2
b.bin      binary

── client.py ───────────────────────────────────────────────
⋯ def get
 9  9   one
10    - import requests
11    - -- two dashes
   10 + import httpx
12 11   three
   12 +     four
   13 + five

── b.bin ───────────────────────────────────────────────────
Binary files a/b.bin and b/b.bin differ
`);
});

test("side by side what came stands beside what it came in the place of", () => {
  expect(shown(60, true)).toContain(`
 9   one                     │  9   one
10 - import requests         │ 10 + import httpx
11 - -- two dashes           │
12   three                   │ 11   three
                             │ 12 +     four
                             │ 13 + five
`);
});

test("a line that is long goes on below itself, and what differs in it is marked", () => {
  const long = createTwoFilesPatch("a", "b", "one two three four five\n", "one two 3 four five\n");
  const { lines } = layOutDiff({ files: [] }, parsePatch(long), { width: 20, isSideBySide: false });
  expect(lines.slice(-4).map((line) => textOf(line).trimEnd())).toEqual([
    "1   - one two three",
    "      four five",
    "  1 + one two 3 four",
    "      five",
  ]);
  expect(lines.flat().flatMap(({ text, style }) => (style?.role === "added-part" ? [text] : []))).toEqual(["3"]);
});

test("whatever files hold, both are read back from the patch, no row is too wide, and nothing reaches the terminal", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replaceAll("\n", ""));
  const hostile = fc.constantFrom("--- a", "+++ b", "@@ -1 +1 @@", "\x1b]52;c;ZQ==\x07", "\u202e", "diff --git a b");
  const text = fc
    .array(fc.oneof(line, hostile), { maxLength: 12 })
    .map((lines) => lines.map((each) => `${each}\n`).join(""));
  fc.assert(
    fc.property(text, text, fc.integer({ min: 24, max: 120 }), fc.boolean(), (before, after, width, isSideBySide) => {
      const parsed = parsePatch(createTwoFilesPatch("a", "b", before, after, "", "", { context: 100 }));
      const rows = parsed.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.rows));
      const side = (key: "before" | "after") =>
        rows.flatMap((row) => (row[key] === undefined ? [] : [`${row[key].text}\n`]));
      if (before !== after) expect([side("before").join(""), side("after").join("")]).toEqual([before, after]);
      for (const row of layOutDiff({ files }, parsed, { width, isSideBySide }).lines) {
        expect(widthOfLine(row)).toBeLessThanOrEqual(width);
        expect(escapeForTerminal(textOf(row))).toBe(textOf(row));
      }
    }),
  );
});
