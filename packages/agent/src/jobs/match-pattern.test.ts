import { expect, test } from "vitest";
import { holdsPattern, parsePattern } from "./match-pattern.ts";

test("a pattern is found in any line", () => {
  const text = "building\nlistening on http://localhost:3000\n";
  expect(holdsPattern(text, parsePattern("^listening .*:\\d+$"))).toBe(true);
  expect(holdsPattern(text, parsePattern("failed"))).toBe(false);
});

test("a pattern that would take for ever is given up, with what to do", () => {
  expect(() => holdsPattern(`${"a".repeat(100)}!`, parsePattern("^(a+)+$"))).toThrow("Give a simpler one");
});

test("what is no regular expression is said to be none", () => {
  expect(() => parsePattern("(")).toThrow(/^The pattern is not a regular expression: .*Unterminated group/);
});
