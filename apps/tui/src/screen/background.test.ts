import { expect, test } from "vitest";
import { BackgroundAnswer, backgroundOf } from "./background.ts";

const answerTo = (text: string) => {
  const answer = new BackgroundAnswer();
  answer.take(new TextEncoder().encode(text));
  return answer.wait();
};

test.each([
  ["\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62c", "light"],
  ["\x1b]11;rgb:1e/1e/2e\x07", "dark"],
  ["typed\x1b]11;rgba:fdfd/f6f6/e3e3/ffff\x07", "light"],
  // Blue is dark, however much of it there is.
  ["\x1b]11;rgb:0000/0000/ffff\x07", "dark"],
])("a terminal that says %j has a background that is %s", async (text, background) => {
  expect(await answerTo(text)).toBe(background);
});

test("a terminal that says only what it is is not waited for", async () => {
  expect(await answerTo("\x1b[?62;4c")).toBeUndefined();
});

test("a terminal that says nothing is waited for a moment", async () => {
  expect(await answerTo("typed")).toBeUndefined();
});

test.each([
  ["15;0", "dark"],
  ["0;15", "light"],
  ["0;default;7", "light"],
  ["12;8", "dark"],
  ["", undefined],
  ["0;default", undefined],
])("COLORFGBG=%s is %s", (COLORFGBG, background) => {
  expect(backgroundOf({ COLORFGBG })).toBe(background);
});
