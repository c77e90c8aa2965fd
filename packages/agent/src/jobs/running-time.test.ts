import { expect, test } from "vitest";
import { runningTime } from "./running-time.ts";

test.each([
  [0, ""],
  [59_999, ""],
  [60_000, ", for 1 min"],
  [3_725_000, ", for 62 min"],
])("%i ms are told as %j", (milliseconds, text) => {
  expect(runningTime(milliseconds)).toBe(text);
});
