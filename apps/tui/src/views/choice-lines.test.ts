import { expect, test } from "vitest";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import { choiceLines } from "./choice-lines.ts";

const seen = (...options: Parameters<typeof choiceLines>) =>
  `\n${choiceLines(...options)
    .map(textOf)
    .join("\n")}\n`;

test("what can be chosen stands in columns, and the one that is chosen is marked", () => {
  const choices = [
    { text: "log ", detail: "Turns and steps as a graph" },
    { text: "land ", detail: "Bring this branch to yours" },
  ];
  expect(seen(choices, { chosen: 1, width: 32, rows: 10 }).replace(/ +$/gm, "")).toBe(`
────────────────────────────────
   log   Turns and steps as a g…
 ▸ land  Bring this branch to y…
`);
});

test("of many those around the chosen one are seen, and which it is", () => {
  const choices = Array.from({ length: 20 }, (_, index) => ({ text: `file ${index}` }));
  expect(seen(choices, { chosen: 10, width: 24, rows: 4 }).replace(/ +$/gm, "")).toBe(`
──────────── 11 of 20 ──
   file 9
 ▸ file 10
   file 11
`);
  expect(choiceLines(choices, { chosen: 19, width: 24, rows: 40 })).toHaveLength(9);
});

test("every line fills the width, whatever it holds, and none is drawn where there is no room", () => {
  const choices = [{ text: "\x1b[2Ja\nb" }, { text: "漢字".repeat(30), detail: "wide" }];
  for (const line of choiceLines(choices, { chosen: 0, width: 21, rows: 9 })) {
    expect(widthOfLine(line)).toBe(21);
    expect(textOf(line)).not.toMatch(/\p{Cc}/u);
  }
  expect(choiceLines(choices, { chosen: 0, width: 21, rows: 1 })).toEqual([]);
});
