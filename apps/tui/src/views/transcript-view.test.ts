import { expect, test } from "vitest";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import type { Entry } from "../transcript/entry.ts";
import { Transcript } from "../transcript/transcript.ts";
import { TranscriptView } from "./transcript-view.ts";

const call = (name: string, input: Record<string, unknown>, text: string, more = {}): Entry => ({
  type: "call",
  id: `${name}${text.length}`,
  name,
  input,
  state: "done",
  text,
  ...more,
});

function viewOf(...entries: readonly Entry[]) {
  const transcript = new Transcript();
  for (const entry of entries) transcript.add(entry);
  const view = new TranscriptView(transcript);
  const shown = (width = 50, rows = 30) =>
    `\n${view
      .lines(width, rows)
      .map((line) => textOf(line).trimEnd())
      .join("\n")}\n`;
  return { transcript, view, shown };
}

const numbered = (count: number): Entry[] =>
  Array.from({ length: count }, (_, index) => ({ type: "notice", text: `line ${index}` }));

test("a turn reads from prompt to answer", () => {
  const { shown } = viewOf(
    { type: "prompt", turn: 1, text: "use httpx instead" },
    { type: "thinking", text: "I look at the file first.", isOpen: false },
    { type: "answer", text: "I'll change the **import**.", isOpen: false },
    call(
      "Edit",
      { file_path: "src/client.py" },
      "Edited src/client.py:\n@@ -1,2 +1,2 @@\n-import requests\n+import httpx\n import sys",
      {
        startedAt: 0,
        endedAt: 1500,
      },
    ),
    { type: "commit", step: 2, commit: "a1b2c3d4e5", subject: "Use httpx in the client", files: ["src/client.py"] },
    call("Bash", { command: "pytest -q" }, "1 failed", { state: "failed" }),
    { type: "answer", text: "Done:\n\n- one\n- two", isOpen: false },
    { type: "stop", stop: "interrupted", text: "Interrupted by the user" },
  );
  expect(shown()).toBe(`
❯ use httpx instead

∴ thought for 6 words

  I'll change the import.

✓ Edit src/client.py                          1.5s
  │ @@ -1,2 +1,2 @@
  │ -import requests
  │ +import httpx
  │  import sys
● a1b2c3d Use httpx in the client  1 file
✗ Bash pytest -q
  │ 1 failed

  Done:

  • one
  • two

■ Interrupted by the user
`);
});

test("what a call answered is shown when it is asked for", () => {
  const { view, shown } = viewOf(call("Bash", { command: "ls" }, "a\nb"));
  expect(shown()).toBe("\n✓ Bash ls\n");
  view.toggleExpanded();
  expect(shown()).toBe("\n✓ Bash ls\n  │ a\n  │ b\n");
});

test("of a line that was changed, what differs is marked", () => {
  const { view } = viewOf(call("Edit", { file_path: "a" }, "@@ -1,1 +1,1 @@\n-let total = count\n+let total = sum"));
  const roles = view.lines(60, 9).map((line) => line.map(({ text, style }) => [text, style?.role]));
  expect(roles).toContainEqual([
    ["  ", undefined],
    ["│ ", "muted"],
    ["+", "added"],
    ["let total = ", "added"],
    ["sum", "added-part"],
  ]);
});

test("at the end, what comes is seen", () => {
  const { transcript, shown } = viewOf(...numbered(5));
  expect(shown(20, 3)).toBe("\n· line 3\n\n· line 4\n");
  transcript.add({ type: "notice", text: "new" });
  expect(shown(20, 3)).toBe("\n· line 4\n\n· new\n");
});

test("who has scrolled up stays there, whatever comes", () => {
  const { transcript, view, shown } = viewOf(...numbered(5));
  shown(20, 3);
  view.scroll(-2);
  const before = shown(20, 3);
  expect(before).toBe("\n· line 2\n\n· line 3\n");
  for (const entry of numbered(50)) transcript.add(entry);
  expect(shown(20, 3)).toBe(before);
  expect(view.isAtEnd).toBe(false);
  view.toEnd();
  expect(shown(20, 3)).toBe("\n· line 48\n\n· line 49\n");
});

test("scrolling past an end stops there", () => {
  const { view, shown } = viewOf(...numbered(5));
  shown(20, 3);
  view.scroll(-100);
  expect(shown(20, 3)).toBe("\n· line 0\n\n· line 1\n");
  view.page(100);
  expect(view.isAtEnd).toBe(true);
});

test("one goes from prompt to prompt, and to where a text stands", () => {
  const prompt = (turn: number): Entry => ({ type: "prompt", turn, text: `ask ${turn}` });
  const { view, shown } = viewOf(prompt(1), ...numbered(9), prompt(2), ...numbered(9), prompt(3), ...numbered(9));
  shown(20, 4);
  view.toPrompt(-1);
  expect(shown(20, 2)).toBe("\n\n❯ ask 3\n");
  view.toPrompt(-1);
  view.toPrompt(-1);
  expect(shown(20, 1)).toBe("\n❯ ask 1\n");
  view.toPrompt(1);
  expect(shown(20, 2)).toBe("\n\n❯ ask 2\n");
  expect(view.find("LINE 7", 1)).toBe(true);
  expect(shown(20, 1)).toBe("\n· line 7\n");
  expect(view.find("nowhere", -1)).toBe(false);
});

test("a search begins with what is seen at the end, and goes on from what it found", () => {
  const { view, shown } = viewOf(...numbered(30));
  shown(20, 9);
  expect(view.find("line 28", -1)).toBe(true);
  expect(view.isAtEnd).toBe(true);
  expect(view.find("line 28", -1)).toBe(false);
  expect([view.find("line 2", -1), view.find("line 2", -1)]).toEqual([true, true]);
  expect(view.isAtEnd).toBe(true);
  for (let line = 25; line >= 23; line--) expect(view.find("line 2", -1)).toBe(true);
  expect(shown(20, 1)).toBe("\n· line 23\n");
});

test("no row is wider than its place", () => {
  const { view } = viewOf(
    { type: "prompt", turn: 1, text: "日本語".repeat(30) },
    call("Bash", { command: "x".repeat(200) }, "y".repeat(300), { state: "failed", startedAt: 0, endedAt: 99_000 }),
    { type: "commit", step: 1, commit: "a".repeat(40), subject: "s".repeat(99), files: [] },
    { type: "output", title: "t".repeat(99), text: "\x1b[36mcyan\x1b[39m\x1b]0;title\x07", isError: false },
  );
  for (const width of [20, 33, 60]) {
    for (const line of view.lines(width, 99)) expect(widthOfLine(line)).toBeLessThanOrEqual(width);
  }
  expect(view.lines(60, 99).map(textOf).at(-1)).toBe("  cyan\\x1b]0;title\\x07");
});

test("a picture of a long transcript lays out no more than what is seen", () => {
  const { view, transcript } = viewOf(...numbered(20_000));
  let looked = 0;
  const { entries } = transcript;
  Object.defineProperty(transcript, "entries", {
    get: () => {
      looked += 1;
      return entries;
    },
  });
  view.lines(80, 40);
  expect(looked).toBeLessThan(1000);
});

test("what takes the place of a transcript is seen from its end", () => {
  const { transcript, view, shown } = viewOf(...numbered(50));
  shown(20, 3);
  view.scroll(-20);
  transcript.clear();
  for (const entry of numbered(2)) transcript.add(entry);
  expect(shown(20, 3)).toBe("\n· line 0\n\n· line 1\n");
});
