import { expect, test } from "vitest";
import { table } from "./table.ts";

test("words stand to the left and numbers to the right, with at most one decimal", () => {
  expect(
    table(
      ["step", "ms", "runs"],
      [
        ["commit", 12.345, 10],
        ["fold", 3, 9],
      ],
    ),
  ).toBe(
    [
      "| step   |   ms | runs |",
      "| ------ | ---: | ---: |",
      "| commit | 12.3 |   10 |",
      "| fold   |    3 |    9 |",
      "",
    ].join("\n"),
  );
});
