import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readme, withHelp } from "./generate-docs.ts";

test("the help in README.md is what the program prints; npm run docs brings it up to date", () => {
  const page = readFileSync(readme, "utf8");
  expect(page).toBe(withHelp(page));
});
