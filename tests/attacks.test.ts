import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
/** `| 12 | attack | [title](../path) |`: a row for each test. */
const rows = [...page.matchAll(/^\| +(\d+) +\|.*\[(.+)\]\(\.\.\/(.+?)\) +\|$/gm)];

test.each(rows.map(([, attack = "", title = "", path = ""]) => ({ attack, title, path })))(
  "attack $attack is tried by a test that is there: $title",
  ({ title, path }) => {
    expect(readFileSync(join(root, path), "utf8")).toContain(title);
  },
);

test("every attack has one", () => {
  const numbers = new Set(rows.map(([, attack]) => Number(attack)));
  expect([...numbers]).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]));
  expect([...numbers]).toEqual(expect.arrayContaining([17, 18, 19, 20, 21, 22, 23, 24, 25, 26]));
});
