import { expect, test } from "vitest";
import { textOf } from "../text/line.ts";
import { definitionLines } from "./definition-lines.ts";

test("a term and what it means stand beside each other, also when the words are hostile", () => {
  const rows = [
    { term: "/review", meaning: "Look at it\x1b]0;owned\x07 \u202eback\nwards" },
    { term: "/land", meaning: "Bring it home" },
  ];
  expect(definitionLines([{ title: "commands", rows }], 60).map(textOf)).toEqual([
    "Commands",
    "/review   Look at it\\x1b]0;owned\\x07 \\u202eback wards",
    "/land     Bring it home",
  ]);
});
