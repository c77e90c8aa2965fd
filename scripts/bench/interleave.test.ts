import { expect, test } from "vitest";
import { interleave, median } from "./interleave.ts";

test("the median is the middle value, or the mean of the two middle ones", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 2, 3, 10])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test("both sides run once to warm up and then in turns, changing who goes first", async () => {
  const runs: string[] = [];
  const side = (name: string) => ({ run: () => runs.push(name) });
  await interleave({ ours: side("ours"), baseline: side("baseline") }, 3);
  expect(runs.join(" ")).toBe("baseline ours baseline ours ours baseline baseline ours");
});

test("each run is made ready for and cleared up after", async () => {
  const runs: string[] = [];
  const ours = { before: () => runs.push("before"), run: () => runs.push("run"), after: () => runs.push("after") };
  await interleave({ ours, baseline: { run: () => {} } }, 1);
  expect(runs.join(" ")).toBe("before run after before run after");
});

test("the ratio is how many times the baseline's time ours takes", async () => {
  const { ours, baseline, ratio } = await interleave({ ours: { run: () => {} }, baseline: { run: () => {} } }, 3);
  expect(ratio).toBe(ours / baseline);
});
