import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readme, withGenerated } from "./generate-docs.ts";

test("the help and the commands in README.md are those of the program; npm run docs brings it up to date", () => {
  const page = readFileSync(readme, "utf8");
  expect(page).toBe(withGenerated(page));
});
