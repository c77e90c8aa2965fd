import { expect, test } from "vitest";
import { prose } from "./prose.ts";

test("what people write stays as it is", () => {
  const text = "Use `a` and **b**, see <https://example.com>:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |";
  expect(prose(text)).toBe(text);
});

test("a block of code keeps its text and its language, also with another one in it", () => {
  expect(prose("So:\n```js\nif (a < b) {}\n```\nand\n````md\n```js\nx\n```\n````")).toBe(
    "So:\n\n```js\nif (a < b) {}\n```\n\nand\n\n````md\n```js\nx\n```\n````",
  );
});

test("a block of code that is never closed ends with the text", () => {
  expect(prose("Look:\n\n```ts\nconst a = 1;")).toBe("Look:\n\n```ts\nconst a = 1;\n```");
});

test("blocks of code in lists and quotes stand on their own, so that all agree on where they end", () => {
  expect(prose("1. First\n   ~~~sh\n   ls\n     -l\n   ~~~\n2. Then")).toBe(
    "1. First\n\n```sh\nls\n  -l\n```\n\n2. Then",
  );
  expect(prose("> ```\n> code\n> ```\n> said")).toBe("```\ncode\n```\n\n> said");
  expect(prose("- ```\n  code\n  ```")).toBe("-\n\n```\ncode\n```");
});

test("headings stand below those of the page", () => {
  expect(prose("# One\n## Two\n##### Five\n#no heading\n\\# none")).toBe(
    "### One\n#### Two\n##### Five\n#no heading\n\\# none",
  );
});

test("HTML is text, in code as well", () => {
  expect(prose("a <b>, a `<b>`, <script>alert(1)</script> <!-- x <a@b.c>")).toBe(
    "a &lt;b>, a <code>&#60;b&#62;</code>, &lt;script>alert(1)&lt;/script> &lt;!-- x &lt;a@b.c>",
  );
  // Where one line ends code that another began, it is not for us to say what is code.
  expect(prose("a `b\nc` <img> `d")).not.toContain("<img");
  expect(prose("\\`<img>`")).not.toContain("<img");
  expect(prose("    <img>")).not.toContain("<img");
});

test.each([
  ["an indented fence that the end of its list closes", "- a\n  ```\n<img>\n```\n<img>"],
  ["a fence after a fence", "  ```\n```js?\n<img>"],
  ["a fence in a quote, left open", "> ```\nplain <img>"],
  ["a fence that another kind does not close", "~~~\n```\n~~~\n<img>"],
])("nothing that looks like code lets HTML out: %s", (_, text) => {
  // Each block is closed before anything else stands at the beginning of a line.
  const outside = prose(text).replaceAll(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, "");
  expect(outside).not.toMatch(/<(?!code>|\/code>)|^\s*[`~]{3}/m);
});
