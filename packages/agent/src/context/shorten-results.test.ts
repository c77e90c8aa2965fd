import type { Block, NewStep } from "@bough/gitstate";
import { expect, test } from "vitest";
import { longStep } from "./projection-fixture.ts";
import { shortenResults } from "./shorten-results.ts";

const resultOf = ({ blocks }: NewStep) => blocks.find(({ type }) => type === "result");

test.each([
  ["Read", 8, 0],
  ["Grep", 6, 0],
  ["Find", 6, 0],
  ["Ls", 6, 0],
  ["Bash", 5, 10],
  ["SomebodysOwn", 5, 10],
])("of %s the first %i and the last %i lines are left", (tool, head, tail) => {
  const lines = resultOf(shortenResults(longStep(3, { tool })))?.text.split("\n") ?? [];
  expect(lines).toHaveLength(head + 1 + tail);
  expect(lines[head]).toBe(`[… ${100 - head - tail} of 100 lines left out to save room; they are in step 3 …]`);
});

test("what is short, what edits did and what went wrong is the same step as before", () => {
  for (const step of [
    longStep(1, { lines: 3 }),
    longStep(1, { tool: "Edit" }),
    longStep(1, { tool: "Write" }),
    longStep(1, { isError: true }),
  ]) {
    expect(shortenResults(step)).toBe(step);
  }
});

test("where there is no room at all, failures and edits are shortened too, and stay failures", () => {
  const shortened = resultOf(shortenResults(longStep(1, { tool: "Bash", isError: true }), { hard: true }));
  expect(shortened?.text).toContain("85 of 100 lines left out");
  expect(shortened?.extra).toEqual({ error: true });
  expect(resultOf(shortenResults(longStep(1, { tool: "Edit" }), { hard: true }))?.text).toContain("left out");
});

test("one long line is cut, and no character is cut in two", () => {
  const text = `${"x".repeat(159)}🌿${"y".repeat(5_000)}`;
  const blocks: Block[] = [{ type: "result", name: "Read", id: "1", text }];
  const shortened = resultOf(shortenResults({ step: 1, turn: 1, blocks }))?.text ?? "";
  expect(shortened.length).toBeLessThan(300);
  expect(shortened.isWellFormed()).toBe(true);
  expect(shortened).toContain("the rest of long lines left out");
});

test.each(["Read", "Bash"])("shortening what was shortened of %s changes nothing", (tool) => {
  const once = shortenResults(longStep(1, { tool }));
  expect(shortenResults(once)).toBe(once);
});
