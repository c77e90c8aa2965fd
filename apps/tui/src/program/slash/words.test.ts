import fc from "fast-check";
import { expect, test } from "vitest";
import { wordsOf } from "./words.ts";

test("a line is taken apart as a shell does it, without what a shell would do beyond that", () => {
  expect(wordsOf(`one  "two words" 'it is $HOME' a\\ b c"d e"f ""`)).toEqual([
    "one",
    "two words",
    "it is $HOME",
    "a b",
    "cd ef",
    "",
  ]);
  expect(wordsOf("")).toEqual([]);
});

test("a quote that is not closed is said", () => {
  expect(() => wordsOf("it's")).toThrow("The quote ' is not closed.");
});

test("what is quoted comes back as it was, whatever it is", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
      const quoted = words.map((word) => `"${word.replace(/["\\]/g, "\\$&")}"`).join(" ");
      expect(wordsOf(quoted)).toEqual(words);
    }),
  );
});
