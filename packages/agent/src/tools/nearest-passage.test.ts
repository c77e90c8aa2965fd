import { expect, test } from "vitest";
import { explainMiss } from "./nearest-passage.ts";

const text = 'function greet(name) {\n  const text = "Hello";\n\treturn text + name;\n}\n';

test.each([
  ["blanks at the end", "function greet(name) {  \n  const", "other blanks at the ends of lines"],
  ["indentation", "    const text", "indented differently"],
  [
    "tabs for spaces",
    'function greet(name) {\n\tconst text = "Hello";\n',
    "it is indented with spaces, old_string with tabs",
  ],
  ["blanks within", "return text+name", "it has other blanks"],
  ["quotation marks", "const text = “Hello”;", "other quotation marks"],
  ["case", "Function Greet(name)", "other upper and lower case"],
  ["line numbers", "     1\tfunction greet(name) {\n     2\t  const", "without the line numbers"],
  ["escapes", 'const text = \\"Hello\\"', "one level of backslash escapes less"],
  ["a secret that was masked", "const text = [masked: API_KEY]", "stands for a secret, which you are not shown"],
  ["nothing alike", "completely other", "Nothing in it is similar"],
])("a passage that differs in %s is explained", (_, wanted, reason) => {
  expect(explainMiss(text, wanted)).toContain(reason);
});

test("the most similar passage is shown with the first line that differs", () => {
  expect(explainMiss(text, 'const text = "Hello";\n\treturn text.concat(name);\n}')).toMatchInlineSnapshot(`
    "The nearest passage differs: line 2 is "  const text = \\"Hello\\";", not "const text = \\"Hello\\";".
         2	  const text = "Hello";
         3		return text + name;
         4	}"
  `);
});

test("of passages that begin alike the one that goes on alike is the nearest", () => {
  const twins = "function a() {\n\treturn 1;\n}\n\nfunction b() {\n\treturn 2;\n}\n";
  expect(explainMiss(twins, "function c() {\n\treturn 2;\n}")).toContain(
    'line 5 is "function b() {", not "function c() {"',
  );
});

test("a big file and a long passage take a bounded time and give a short answer", () => {
  const big = Array.from({ length: 200_000 }, (_, index) => `const value${index} = compute(${index});`).join("\n");
  const wanted = Array.from({ length: 500 }, (_, index) => `const other${index} = compute(${index});`).join("\n");
  expect(explainMiss(big, wanted).length).toBeLessThan(5_000);
});
