import { expect, test } from "vitest";
import { colorDepth, Theme } from "./theme.ts";

test.each([
  [{ NO_COLOR: "1", COLORTERM: "truecolor" }, "none"],
  [{ NO_COLOR: "", COLORTERM: "truecolor", TERM: "xterm" }, "truecolor"],
  [{ TERM: "xterm-256color" }, "256"],
  [{ TERM: "tmux-256color" }, "256"],
  [{ TERM: "xterm-kitty" }, "truecolor"],
  [{ TERM: "linux" }, "16"],
  [{}, "16"],
] as const)("with %j there are these colours: %s", (env, depth) => {
  expect(colorDepth(env)).toBe(depth);
});

test("without colours marks still tell things apart", () => {
  const theme = new Theme({ background: "dark", depth: "none" });
  expect(theme.parameters({ role: "alarm" })).toBe("1");
  expect(theme.parameters({ role: "selected" })).toBe("7");
  expect(theme.parameters({ role: "text" })).toBe("");
});

test("no look without colours names one", () => {
  const theme = new Theme({ background: "light", depth: "none" });
  for (const role of ["accent", "muted", "added-part", "keyword", "link"] as const) {
    expect(theme.parameters({ role })).toMatch(/^[1247;]*$/);
  }
});

test("a look goes with what is behind it", () => {
  const theme = new Theme({ background: "dark", depth: "256" });
  expect(theme.parameters({ role: "accent", bold: true, behind: "selected" })).toBe("48;5;238;38;5;80;1");
});
