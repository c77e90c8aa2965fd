import { expect, test } from "vitest";
import { KeyMap } from "../keys/key-map.ts";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import { helpLine, keyLines } from "./help-line.ts";
import { statusLine } from "./status-line.ts";
import { type TabLabel, tabAt, tabBar } from "./tab-bar.ts";

const tab = (name: string, more: Partial<TabLabel> = {}): TabLabel => ({
  name,
  state: "idle",
  isActive: false,
  isUnread: false,
  isChild: false,
  ...more,
});

test("the bar names tabs by number, state and what is new in them", () => {
  const bar = tabBar(
    [
      tab("fix-login", { isActive: true, state: "running", cost: "$0.12" }),
      tab("fix-login.1", { isChild: true, state: "merged" }),
      tab("docs", { isUnread: true }),
      tab("tests", { state: "waiting" }),
      tab("types", { state: "failed" }),
    ],
    90,
  );
  expect(textOf(bar)).toBe(" 1 fix-login $0.12 ●  └ fix-login.1 ✓  3 docs •  4 tests ?  5 types ✗ ");
});

test("where tabs do not fit, those around the one that is looked at are there", () => {
  const tabs = Array.from({ length: 9 }, (_, index) => tab(`branch-${index + 1}`, { isActive: index === 5 }));
  const bar = tabBar(tabs, 40);
  expect(textOf(bar)).toBe("‹ 6 branch-6  7 branch-7  8 branch-8   ›");
  expect([widthOfLine(bar), tabAt(tabs, 40, 3), tabAt(tabs, 40, 16)]).toEqual([40, 5, 6]);
});

test("a name that goes for the terminal is written out", () => {
  expect(textOf(tabBar([tab("a\x1b[2Jb")], 40))).toBe(String.raw` 1 a\x1b[2Jb `);
});

const status = {
  branch: "bough/fix-login",
  model: "openai/gpt-5",
  context: 81.6,
  tokens: "12k",
  cost: "$0.31",
  hasSandbox: true,
} as const;

test("the status line says what is known, and less where it is narrow", () => {
  expect(textOf(statusLine(status, 100))).toBe(
    "bough/fix-login  ·  openai/gpt-5  ·  82% context  ·  12k tokens  ·  $0.31  ·  sandbox",
  );
  expect(textOf(statusLine(status, 60))).toBe("bough/fix-login  ·  openai/gpt-5  ·  82% context");
  expect(textOf(statusLine({ branch: "new session" }, 60))).toBe("new session");
});

test("a context that is nearly full, no sandbox and a mode that asks nothing stand out", () => {
  const line = statusLine({ ...status, hasSandbox: false, mode: "bypassPermissions" }, 120);
  expect(line.flatMap(({ text, style }) => (style?.role === "warning" ? [text] : []))).toEqual([
    "bypassPermissions",
    "no sandbox",
    "82% context",
  ]);
});

test("the help line names keys as they are bound, as many as fit", () => {
  expect(textOf(helpLine("editor", new KeyMap(), 80))).toBe(
    "Enter send   Esc interrupt   ? keys   Alt-. tabs   Alt-T branches",
  );
  expect(textOf(helpLine("editor", new KeyMap({ send: ["C-enter"], expand: [] }), 48))).toBe(
    "Ctrl-Enter send   Esc interrupt   ? keys",
  );
});

test("a key that is bound to nothing is not listed", () => {
  const lines = keyLines(["question"], new KeyMap({ "question-up": [] }), 80).map(textOf);
  expect(lines[0]).toBe("When something is asked");
  expect(lines[1]).toMatch(/^y {2,}Yes, once$/);
  expect(lines.filter((line) => line.endsWith("A row up"))).toEqual([]);
});

test("on a narrow screen each action keeps its first key, and what it does goes on below", () => {
  const lines = keyLines(["editor"], new KeyMap(), 40).map(textOf);
  expect(lines.slice(1, 4)).toEqual([
    "Enter                Send",
    "↑  Ctrl-P            The line above, or",
    "                     the prompt before",
  ]);
  expect(lines.every((line) => line.length <= 40)).toBe(true);
});
