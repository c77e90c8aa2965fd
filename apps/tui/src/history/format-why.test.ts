import type { Origin } from "@bough/gitstate";
import { expect, test } from "vitest";
import { styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { formatWhy } from "./format-why.ts";
import type { Page } from "./page.ts";

const now = new Date("2026-01-02T12:00:00Z");
const page: Page = { width: 80, look: styles({ write: () => {} }), now };

const step: Origin = {
  type: "step",
  commit: "0123456789abcdef0123456789abcdef01234567",
  date: new Date("2026-01-02T11:58:00Z"),
  author: "anthropic/claude-sonnet-4-5 (bough)",
  subject: "Use httpx in the client",
  session: "01jd3x",
  branch: "bough/use-httpx",
  step: 7,
  turn: 3,
  prompt: "make it use httpx instead\nand test it",
  landed: "89abcdef0123456789abcdef0123456789abcdef",
  model: "anthropic/claude-sonnet-4-5",
  usage: { input: 5120, output: 311, cacheRead: 0, cacheWrite: 0 },
  cost: 0.0062,
  lines: [
    { first: 1, last: 1, text: "import httpx" },
    { first: 10, last: 12, text: "\treturn httpx.get(url)\n\n# done" },
  ],
};

const commit: Origin = {
  type: "commit",
  commit: "fedcba9876543210fedcba9876543210fedcba98",
  date: new Date("2025-12-02T12:00:00Z"),
  author: "Ada",
  subject: "First commit",
  landed: undefined,
  session: undefined,
  lines: [{ first: 2, last: 9, text: "\ndef get(url):" }],
};

test("a file's lines stand below what wrote them", () => {
  const uncommitted: Origin = { type: "uncommitted", lines: [{ first: 13, last: 13, text: "print(1)" }] };
  expect(
    `\n${formatWhy({ path: "src/client.py", origins: [step, commit, uncommitted] }, page)}`,
  ).toMatchInlineSnapshot(`
    "
    src/client.py

    ● step 7, turn 3 of bough/use-httpx                                    2 min ago
      > make it use httpx instead and test it
      anthropic/claude-sonnet-4-5 · 5.1k in, 311 out · $0.0062
      012345678  Use httpx in the client, landed as 89abcdef0
            1  import httpx
        10–12  return httpx.get(url)

    ○ by Ada                                                             31 days ago
      fedcba987  First commit
        2–9

    ◌ not committed yet
        13  print(1)
    "
  `);
});

test("of lines in many places the first are shown", () => {
  const lines = Array.from({ length: 12 }, (_, i) => ({ first: 2 * i + 1, last: 2 * i + 1, text: "}" }));
  const shown = formatWhy({ path: "a.c", origins: [{ ...commit, lines }] }, page);
  expect(shown).toContain("    15  }\n    and 4 more lines, all of them with --json\n");
});

test("what is not known is said", () => {
  const origins: Origin[] = [
    { ...step, branch: undefined, prompt: undefined, landed: undefined, usage: undefined, cost: undefined },
    { ...commit, session: "01jd3x" },
  ];
  const shown = formatWhy({ path: "a.py", origins }, page);
  expect(shown).toContain("step 7, turn 3 of session 01jd3x");
  expect(shown).toContain("> (its prompt is gone)");
  expect(shown).toContain("It landed session 01jd3x, no step of which here holds the lines.");
  expect(formatWhy({ path: "a.py", origins: [] }, page)).toBe("a.py is empty.\n");
});

test("nothing of the repository's reaches the terminal as a command", () => {
  const hostile = "\x1b]52;c;ZXZpbA==\x07\u202e\x9b2J\r";
  const lines = [{ first: 1, last: 1, text: hostile }];
  const by = { author: hostile, subject: hostile, session: hostile, lines };
  const origins: Origin[] = [
    { ...step, ...by, branch: hostile, prompt: hostile, model: hostile },
    { ...step, ...by, branch: undefined },
    { ...commit, ...by },
  ];
  const shown = formatWhy({ path: hostile, origins }, page);
  expect(escapeForTerminal(shown)).toBe(shown);
});
