import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { styles } from "../styles.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import type { Page } from "./page.ts";
import { sideBySide } from "./side-by-side.ts";

const page: Page = { width: 60, look: styles({ write: () => {} }), now: new Date("2026-01-02T12:00:00Z") };

const diff = `diff --git a/client.py b/client.py
index 20b1553..ecfbfd5 100644
--- a/client.py
+++ b/client.py
@@ -9,5 +9,6 @@ def get
 one
-import requests
--- two dashes
+import httpx, which is a client for HTTP
 three
+\tfour
+five
\\ No newline at end of file
diff --git a/b.bin b/b.bin
Binary files a/b.bin and b/b.bin differ
`;

test("what was stands beside what is, with the numbers of the lines", () => {
  expect(`\n${sideBySide(diff, page)}\n`).toMatchInlineSnapshot(`
    "
    diff --git a/client.py b/client.py
    index 20b1553..ecfbfd5 100644
    --- a/client.py
    +++ b/client.py
    @@ -9,5 +9,6 @@ def get
       9 one                     │    9 one
      10 import requests         │   10 import httpx, which is…
      11 -- two dashes           │
      12 three                   │   11 three
                                 │   12     four
                                 │   13 five
    diff --git a/b.bin b/b.bin
    Binary files a/b.bin and b/b.bin differ
    "
  `);
});

test("the sides are told apart by colour", () => {
  const look = styles({ isTTY: true, write: () => {} }, {});
  const shown = sideBySide(diff, { ...page, look });
  expect(shown).toContain(look.removed("  10 import requests".padEnd(28)));
  expect(shown).toContain(look.added("  12     four"));
  expect(stripVTControlCharacters(shown).replace(/ +$/gm, "")).toBe(sideBySide(diff, page));
});

test("nothing of the repository's reaches the terminal as a command", () => {
  const hostile = "\x1b]52;c;ZXZpbA==\x07\u202e\x9b2J\r";
  const shown = sideBySide(`diff --git ${hostile}\n@@ -1 +1 @@ ${hostile}\n-${hostile}\n+${hostile}x\n`, page);
  expect(escapeForTerminal(shown)).toBe(shown);
});
