import { expect, test } from "vitest";
import { age, bytes, counted, dollars, spent } from "./amounts.ts";

test.each([
  [-5, "just now"],
  [59, "just now"],
  [60, "1 min ago"],
  [3599, "59 min ago"],
  [3600, "1 hour ago"],
  [86_399, "23 hours ago"],
  [86_400, "1 day ago"],
  [364 * 86_400, "364 days ago"],
  [800 * 86_400, "2 years ago"],
])("%d seconds are %s", (seconds, words) => {
  expect(age(new Date(0), new Date(seconds * 1000))).toBe(words);
});

test.each([
  [0, "$0.00"],
  [0.00621, "$0.0062"],
  [0.25, "$0.25"],
  [12.345, "$12.35"],
])("%d dollars are %s", (cost, text) => {
  expect(dollars(cost)).toBe(text);
});

test("one is a thing, and any other number are things", () => {
  expect([0, 1, 2].map((count) => counted(count, "turn"))).toEqual(["0 turns", "1 turn", "2 turns"]);
});

test("what steps took is told as far as it is known", () => {
  const usage = { input: 320, output: 999_960, cacheRead: 4800, cacheWrite: 0 };
  expect(spent({ model: "test/one", usage, cost: 0.0062 })).toBe("test/one · 5.1k in, 1M out · $0.0062");
  expect(spent({ model: undefined, usage: { ...usage, output: 311 }, cost: undefined })).toBe("5.1k in, 311 out");
  expect(spent({ model: undefined, usage: undefined, cost: undefined })).toBe("");
});

test("a size is told in the unit that suits it", () => {
  expect([0, 1, 812, 1500, 1_500_000, 2_500_000_000, 3e12].map(bytes)).toEqual([
    "0 bytes",
    "1 byte",
    "812 bytes",
    "1.5 kB",
    "1.5 MB",
    "2.5 GB",
    "3000.0 GB",
  ]);
});
