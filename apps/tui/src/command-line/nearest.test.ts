import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const commands = ["log", "show", "sessions", "tour", "help"];

test.each([
  ["lgo", "log"],
  ["logs", "log"],
  ["shwo", "show"],
  ["sesions", "sessions"],
  ["session", "sessions"],
  ["tuor", "tour"],
])("%s was meant to be %s", (word, meant) => {
  expect(nearest(word, commands)).toBe(meant);
});

test.each(["", "commit", "fix the bug", "x"])("%j is near to nothing", (word) => {
  expect(nearest(word, commands)).toBeUndefined();
});

test("the nearest of several is found", () => {
  expect(nearest("--modl", ["--mode", "--model"])).toBe("--mode");
  expect(nearest("modell", ["mode", "model"])).toBe("model");
});
