import fc from "fast-check";
import { expect, test } from "vitest";
import { styles } from "./styles.ts";
import { TerminalStream } from "./terminal-stream.ts";
import { escapeForTerminal } from "./terminal-text.ts";

const look = styles({ isTTY: true, write() {} }, {});

function print(parts: readonly (string | Uint8Array)[]): string {
  const terminal = new TerminalStream();
  return [...parts.map((part) => terminal.push(part)), terminal.end()].join("");
}

/** What makes a terminal do something, and what looks like it does. */
const pieces = [
  ...[
    "\x1b",
    "\x1b[31m",
    "\x1b[8m",
    "\x1b[2J",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil\x1b\\",
    "\x1bP1$r",
    "\x1b_G",
    "[",
  ],
  ...["\x9b2J", "\x9d0;t\x9c", "\r", "\n", "\r\n", "\b", "\t", "\0", "\x7f", "\u202e", "\u2066", "\u200b", "\u{e0041}"],
  ...[
    "\ufe0f",
    "\u200c",
    "\u200d",
    "👩",
    "💻",
    "❤",
    "م",
    "\ud83d",
    "\udc69",
    "a",
    "é",
    "漢",
    look.accent("x"),
    look.dim("y"),
  ],
];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary" })), { maxLength: 20 })
  .map((parts) => parts.join(""));
const places = fc.array(fc.nat(), { maxLength: 12 });

function divide<Whole extends string | Buffer>(whole: Whole, at: readonly number[]) {
  const cuts = [0, ...at.map((place) => place % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return cuts.slice(1).map((cut, index) => whole.slice(cuts[index], cut));
}

test("however a text is divided, the same is shown", () => {
  fc.assert(
    fc.property(anyText, places, (text, at) => {
      expect(print(divide(text, at))).toBe(print([text]));
    }),
  );
});

test("however bytes are divided, the same is shown", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    anyText.map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(anyBytes, places, (bytes, at) => {
      expect(print(divide(bytes, at))).toBe(print([bytes.toString()]));
    }),
  );
});

test("of controls nothing but line feeds, tabs and our own styles is shown", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what may come out
  const ours = /\x1b\[(?:1|2|22|31|32|36|39)m/g;
  fc.assert(
    fc.property(anyText, places, (text, at) => {
      expect(print(divide(text, at)).replace(ours, "")).not.toMatch(/[^\P{Cc}\n\t]|\p{Cs}/u);
    }),
  );
});

test("what was made safe before is shown as it is", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const safe = escapeForTerminal(text).replaceAll("\r\n", "\n");
      expect(print([safe])).toBe(safe);
    }),
  );
});

test.each([
  ["a colour of ours", look.alarm("no"), look.alarm("no")],
  ["a colour that hides", "\x1b[8mhidden", String.raw`\x1b[8mhidden`],
  ["several at once", "\x1b[1;8mhidden", String.raw`\x1b[1;8mhidden`],
  ["a link", "\x1b]8;;http://evil\x07text", String.raw`\x1b]8;;http://evil\x07text`],
  ["a line end of Windows", "a\r\nb", "a\nb"],
  ["a return that overwrites", "a\rb", String.raw`a\x0db`],
  ["a selector behind a style", `${look.dim("x")}\ufe0f`, `${look.dim("x")}\\ufe0f`],
])("%s", (_, text, shown) => {
  expect(print([text])).toBe(shown);
});

test("a megabyte on one line is shown whole", () => {
  const line = "\x1b[2Jé".repeat(200_000);
  expect(print([line])).toHaveLength("\\x1b[2Jé".length * 200_000);
});
