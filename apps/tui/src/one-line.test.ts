import { expect, test } from "vitest";
import { oneLine } from "./one-line.ts";

test.each([
  ["white space of any kind becomes one blank", " a \r\n\tb\u2028c ", 20, "a b c"],
  ["what a terminal would obey is written out", "\x1b[31mred", 20, String.raw`\x1b[31mred`],
  ["what is too long is cut, after it was written out", "\x1b[31mred", 8, String.raw`\x1b[31…`],
  ["no character is cut in two", "👍👍👍", 2, "👍…"],
])("%s", (_, text, length, line) => {
  expect(oneLine(text, length)).toBe(line);
});
