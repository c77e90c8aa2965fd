import { stripVTControlCharacters } from "node:util";
import type { StepCommit } from "@bough/gitstate";
import { expect, test } from "vitest";
import { styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { formatStep } from "./format-step.ts";
import type { Page } from "./page.ts";

const now = new Date("2026-01-02T12:00:00Z");
const page: Page = { width: 80, look: styles({ write: () => {} }), now };

const step: StepCommit = {
  commit: "0123456789abcdef0123456789abcdef01234567",
  author: "anthropic/claude-sonnet-4-5 (bough)",
  date: new Date("2026-01-02T11:58:00Z"),
  subject: "Use httpx in the client",
  merged: [],
  records: [
    {
      session: "01jd3x",
      step: 7,
      turn: 3,
      blocks: [
        { type: "user", text: "make it use httpx instead\nand test it" },
        { type: "thinking", text: "Small change." },
        { type: "assistant", text: "I'll change the import." },
        { type: "call", name: "Edit", id: "1", text: '{"file_path":"src/client.py","old_string":"requests"}' },
        { type: "call", name: "Bash", id: "2", text: '{"command":"pytest -q\\n# all"}' },
        { type: "result", name: "Edit", id: "1", text: "-import requests\n+import httpx\n" },
        { type: "result", name: "Bash", id: "2", text: "1 failed\texpected", extra: { error: true } },
      ],
    },
  ],
  files: [
    { path: "src/client.py", from: undefined, added: 1, removed: 1 },
    { path: "b.bin", from: undefined, added: undefined, removed: undefined },
  ],
  diff: "diff --git a/src/client.py b/src/client.py\nindex 1..2 100644\n--- a/src/client.py\n+++ b/src/client.py\n@@ -1 +1 @@\n-import requests\n+import httpx\n",
  model: "anthropic/claude-sonnet-4-5",
  usage: { input: 5120, output: 311, cacheRead: 0, cacheWrite: 0 },
  cost: 0.0062,
};

const withBlocks = (...blocks: StepCommit["records"][number]["blocks"]) =>
  formatStep({ ...step, records: [{ session: "01jd3x", step: 7, turn: 3, blocks }], files: [], diff: "" }, page);

test("a step reads as a transcript, then what changed", () => {
  expect(`\n${formatStep(step, page)}`).toMatchInlineSnapshot(`
    "
    commit 0123456789abcdef0123456789abcdef01234567
    Use httpx in the client
    turn 3, step 7 · anthropic/claude-sonnet-4-5 · 5.1k in, 311 out · $0.0062
    anthropic/claude-sonnet-4-5 (bough), 2026-01-02 11:58 UTC, 2 min ago

    > make it use httpx instead
    > and test it

      Small change.

    I'll change the import.

    ● Edit src/client.py
      -import requests
      +import httpx

    ● Bash pytest -q # all
      ✗ 1 failed    expected

     src/client.py  +1 −1
     b.bin          binary
     2 files        +1 −1

    diff --git a/src/client.py b/src/client.py
    index 1..2 100644
    --- a/src/client.py
    +++ b/src/client.py
    @@ -1 +1 @@
    -import requests
    +import httpx
    "
  `);
});

test("a long result is clipped, and it says so", () => {
  const text = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`).join("\n");
  const shown = withBlocks(
    { type: "call", name: "Read", id: "1", text: "{}" },
    { type: "result", name: "Read", id: "1", text },
  );
  expect(shown).toMatch(/ {2}line 12\n {2}… 28 more lines, in full with --json\n/);
  expect(shown).not.toMatch("line 13");
});

test("calls without a result, results without output, and input that is no JSON are shown as that", () => {
  const shown = withBlocks(
    { type: "call", name: "Bash", id: "1", text: '{"command": tru', extra: { malformed: true } },
    { type: "call", name: "Ls", id: "2", text: "{}" },
    { type: "result", name: "Ls", id: "2", text: "\n" },
    { type: "rewind", to: 4, text: "" },
    { type: "config", text: "You are…", extra: { model: "test/one" } },
    { type: "note", text: "Compacted." },
  );
  expect(`\n${shown}`).toMatchInlineSnapshot(`
    "
    commit 0123456789abcdef0123456789abcdef01234567
    Use httpx in the client
    turn 3, step 7 · anthropic/claude-sonnet-4-5 · 5.1k in, 311 out · $0.0062
    anthropic/claude-sonnet-4-5 (bough), 2026-01-02 11:58 UTC, 2 min ago

    ● Bash {"command": tru
      (no result in this step)

    ● Ls {}
      (no output)

    Rewound to step 4

    Configured · model test/one

      note: Compacted.

    No file changed.
    "
  `);
});

test("a commit that is no session's says so", () => {
  const shown = formatStep({ ...step, records: [], model: undefined, usage: undefined, cost: undefined }, page);
  expect(shown).toMatch("\n\nNo step of a session: nothing was said here.\n\n");
});

test("a merge says what came in and where that is told", () => {
  const merged = ["89abcdef0123456789abcdef0123456789abcdef"];
  const shown = formatStep({ ...step, records: [], merged }, page);
  expect(shown).toMatch("\n\nMerged 89abcdef0; how that came about: bough log 89abcdef0\n\n");
});

test("of the configuration it left and its own, a fork's first commit shows its own", () => {
  const records = ["test/one", "test/two"].map((model, i) => ({
    ...{ session: "01jd3x", step: i, turn: 0 },
    blocks: [{ type: "config", text: "", extra: { model } } as const],
  }));
  expect(formatStep({ ...step, records }, page).match(/^Configured.*$/gm)).toEqual(["Configured · model test/two"]);
});

test("nothing of the repository's reaches the terminal as a command", () => {
  const hostile = "\x1b]52;c;ZXZpbA==\x07\u202e\x9b2J";
  const blocks = (["user", "assistant", "thinking", "note"] as const).map((type) => ({ type, text: hostile }));
  const shown = formatStep(
    {
      ...step,
      subject: hostile,
      author: hostile,
      records: [
        {
          session: hostile,
          step: 1,
          turn: 1,
          blocks: [
            ...blocks,
            { type: "call", name: hostile, id: "1", text: JSON.stringify({ command: hostile }) },
            { type: "result", name: hostile, id: "1", text: hostile },
            { type: "config", text: hostile, extra: { model: hostile } },
          ],
        },
      ],
      files: [{ path: hostile, from: hostile, added: 1, removed: 0 }],
      diff: `diff --git a/${hostile}\n@@ ${hostile}\n+${hostile}\r\n-${hostile}\n ${hostile}\n`,
      model: hostile,
    },
    page,
  );
  expect(escapeForTerminal(shown)).toBe(shown);
  expect(shown).not.toContain("\r");
});

test("a diff is coloured by its lines, and its header is not taken for them", () => {
  const look = styles({ isTTY: true, write: () => {} }, {});
  const shown = formatStep(step, { ...page, look });
  expect(shown).toContain(look.added("+import httpx"));
  expect(shown).toContain(look.removed("-import requests"));
  expect(shown).toContain(look.dim("--- a/src/client.py"));
  expect(stripVTControlCharacters(shown)).toBe(formatStep(step, page));
});

test("an answer to a call of an earlier step says whose it is", () => {
  const extra = { agent: "bough/x.1" };
  expect(withBlocks({ type: "result", name: "Agent", id: "1", text: "It is written.", extra })).toContain(
    "● Agent bough/x.1\n  It is written.",
  );
});

test("a summary says which steps it stands for, and one without words that all begins anew", () => {
  const summary = (text: string) => withBlocks({ type: "summary", text, extra: { from: 1, to: 7 } });
  expect(summary("It uses httpx.")).toContain("  Summary of steps 1–7:\n  It uses httpx.");
  expect(summary("")).toContain("  The conversation begins anew");
});
