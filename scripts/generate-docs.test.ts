import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readme, withParts } from "./generate-docs.ts";

test("the help and the keys in README.md are what the program has; npm run docs brings it up to date", () => {
  const page = readFileSync(readme, "utf8");
  expect(page).toBe(withParts(page));
});
