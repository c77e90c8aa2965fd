import { expect, test } from "vitest";
import { findImports } from "./find-imports.ts";

test("a path behind an @ is imported, once, without what ends the sentence", () => {
  expect(findImports("@docs/style.md\nSee @./README.md, @notes/häufig.md. Again (@docs/style.md).")).toEqual([
    "docs/style.md",
    "./README.md",
    "notes/häufig.md",
  ]);
});

test("an address, a bare @ and what stands in code are none", () => {
  const text =
    "me@example.org @ @. `@inline` ``@twice``\n```ts\n@fenced\n```\n~~~\n@tilde\n~~~\n  ```\n  @inner\n  ```\n@last";
  expect(findImports(text)).toEqual(["last"]);
});

test("code that does not end goes on to the end", () => {
  expect(findImports("@first\n```\n@never\n")).toEqual(["first"]);
});

test("a text of backticks and fences takes no longer than it has to", { timeout: 2000 }, () => {
  expect(findImports("`".repeat(32_768))).toEqual([]);
  expect(findImports("``` `\n".repeat(5_000))).toEqual([]);
  expect(findImports("`a ".repeat(10_000))).toEqual([]);
  expect(findImports(`${" ".repeat(32_000)}\``)).toEqual([]);
});
