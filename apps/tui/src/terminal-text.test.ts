import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeForTerminal } from "./terminal-text.ts";

/** Code points that a terminal obeys or hides wherever they stand. */
const dangerous = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
] as const;

const isDangerous = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return dangerous.some(([first, last]) => code >= first && code <= last);
};

const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
    fc.constantFrom(...dangerous.flat()).map((code) => String.fromCodePoint(code)),
    fc.constantFrom("\r\n", "\u200c", "\u200d", "\ufe0f", "👩", "💻", "می", "a", "\ud83d", "\n", "\t"),
  ),
});

test("whatever goes in, nothing that a terminal obeys or hides comes out", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const printed = [...escapeForTerminal(text).replaceAll("\r\n", "\n")];
      expect(printed.filter(isDangerous)).toEqual([]);
    }),
  );
});

test("what is safe is left alone: a second pass changes nothing", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const once = escapeForTerminal(text);
      expect(escapeForTerminal(once)).toBe(once);
    }),
  );
});

test.each([
  "plain text\nin lines\twith a tab\r\n",
  "Grüße, naïve façade, e\u0301",
  "漢字かな交じり文 한국어 字\u{e0100}",
  "می\u200cخواهم क्\u200dष",
  "👍🏽 ❤️ 🏳️\u200d🌈 👨\u200d👩\u200d👧\u200d👦 👩🏽\u200d💻 🇨🇭 1️⃣",
  String.raw`C:\x1b\u202e`,
  "│ ├─ ● \ue0a0",
])("%j stays as it is", (text) => {
  expect(escapeForTerminal(text)).toBe(text);
});

test.each([
  ["a colour", "\x1b[31mred", String.raw`\x1b[31mred`],
  ["a title", "\x1b]0;root@host\x07", String.raw`\x1b]0;root@host\x07`],
  ["a clipboard write", "\x1b]52;c;ZXZpbA==\x1b\\", "\\x1b]52;c;ZXZpbA==\\x1b\\"],
  ["a device control string", "\x1bP1$r\x1b\\", "\\x1bP1$r\\x1b\\"],
  ["an 8-bit control sequence", "\x9b2J", String.raw`\x9b2J`],
  ["a carriage return that overwrites the line", "rm -rf /\rls", String.raw`rm -rf /\x0dls`],
  ["backspaces", "evil\b\b\b\b", String.raw`evil\x08\x08\x08\x08`],
  ["a bidi override", "a\u202eb", String.raw`a\u202eb`],
  ["a zero-width space", "a\u200bb", String.raw`a\u200bb`],
  ["a joiner between Latin letters", "a\u200db", String.raw`a\u200db`],
  ["a non-joiner in a file name", ".git\u200c/x", String.raw`.git\u200c/x`],
  ["text in tag characters", "hi\u{e0041}\u{e0042}", String.raw`hi\u{e0041}\u{e0042}`],
  ["a run of variation selectors", "x\ufe0f\ufe01\ufe02", "x\ufe0f\\ufe01\\ufe02"],
  ["a lone surrogate", "\ud83d!", String.raw`\ud83d!`],
])("%s is written out", (_, text, printed) => {
  expect(escapeForTerminal(text)).toBe(printed);
});
