import { expect, test } from "vitest";
import { styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { formatDiff } from "./format-diff.ts";
import type { Page } from "./page.ts";

const page: Page = { width: 80, look: styles({ write: () => {} }), now: new Date("2026-01-02T12:00:00Z") };

const found = {
  from: "0123456789abcdef0123456789abcdef01234567",
  to: "89abcdef0123456789abcdef0123456789abcdef",
  branch: "bough/use-httpx",
  since: undefined,
  files: [
    { path: "new.py", from: "old.py", added: 12, removed: 3 },
    { path: "b.bin", from: undefined, added: undefined, removed: undefined },
  ],
  diff: "diff --git a/old.py b/new.py\nsimilarity index 90%\n@@ -1 +1 @@\n-a\n+b\n",
};

test("a diff begins with its ends and its files", () => {
  expect(`\n${formatDiff(found, page, undefined)}`).toMatchInlineSnapshot(`
    "
    012345678 → 89abcdef0  bough/use-httpx

     old.py → new.py  +12 −3
     b.bin            binary
     2 files          +12 −3

    diff --git a/old.py b/new.py
    similarity index 90%
    @@ -1 +1 @@
    -a
    +b
    "
  `);
});

test("between two revisions both are named, as they were asked for", () => {
  const [header] = formatDiff({ ...found, since: "bough/use-aiohttp" }, page, "stat").split("\n");
  expect(header).toBe("012345678 → 89abcdef0  bough/use-aiohttp → bough/use-httpx");
  expect(formatDiff({ ...found, since: "main", branch: undefined }, page, "stat").split("\n")[0]).toBe(
    "012345678 → 89abcdef0  main → 89abcdef0",
  );
});

test("--stat leaves the patch out, and no difference is said", () => {
  expect(formatDiff(found, page, "stat")).not.toContain("diff --git");
  const none = { ...found, from: undefined, branch: undefined, files: [], diff: "" };
  expect(formatDiff(none, page, undefined)).toBe("nothing → 89abcdef0\n\nNo file changed.\n");
});

test("nothing of the repository's reaches the terminal as a command", () => {
  const hostile = "\x1b]52;c;ZXZpbA==\x07\u202e\x9b2J\r";
  const files = [{ path: hostile, from: hostile, added: 1, removed: 0 }];
  const shown = formatDiff(
    { ...found, branch: hostile, since: hostile, files, diff: `+${hostile}\n` },
    page,
    undefined,
  );
  expect(escapeForTerminal(shown)).toBe(shown);
});
