import fc from "fast-check";
import { expect, test } from "vitest";
import { Decoder } from "./decoder.ts";
import type { Input } from "./input.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function decode(...chunks: readonly (string | Uint8Array)[]): Input[] {
  const decoder = new Decoder();
  const inputs = chunks.flatMap((chunk) => decoder.push(typeof chunk === "string" ? bytes(chunk) : chunk));
  return [...inputs, ...decoder.flush()];
}

const keys = (text: string) =>
  decode(text)
    .map((input) => (input.type === "key" ? input.key : input.type))
    .join(" ");

test.each([
  ["letters", "aZ", "a Z"],
  ["a blank", " ", "space"],
  ["control characters", "\x01\x00\x1f\x1c\x1d\x1e", "C-a C-space C-_ C-\\ C-] C-^"],
  ["keys that are control characters", "\r\t\x7f\n\x08", "enter tab backspace C-j C-h"],
  ["Alt", "\x1bx\x1b1\x1b.\x1b,\x1b\r\x1b\x7f", "M-x M-1 M-. M-, M-enter M-backspace"],
  ["arrows", "\x1b[A\x1b[B\x1bOC\x1bOD", "up down right left"],
  ["arrows with modifiers", "\x1b[1;5A\x1b[1;2D\x1b[1;3C\x1b[1;8B", "C-up S-left M-right C-M-S-down"],
  ["Alt with an arrow, the old way", "\x1b\x1b[A\x1b\x1bOB", "M-up M-down"],
  ["keys with numbers", "\x1b[3~\x1b[5~\x1b[6~\x1b[1~\x1b[4~\x1b[15~", "delete pageup pagedown home end f5"],
  ["pages with Ctrl", "\x1b[5;5~\x1b[6;5~", "C-pageup C-pagedown"],
  ["function keys", "\x1bOP\x1b[24~\x1b[1;2P", "f1 f12 S-f1"],
  ["Shift-Tab", "\x1b[Z", "S-tab"],
  ["modifyOtherKeys", "\x1b[27;5;49~\x1b[27;2;13~\x1b[27;5;46~", "C-1 S-enter C-."],
  ["CSI u", "\x1b[49;5u\x1b[13;2u\x1b[44;5u\x1b[97;5u\x1b[27u", "C-1 S-enter C-, C-a escape"],
  ["kitty's longer forms", "\x1b[97:65;5:1u\x1b[97;5:3u\x1b[1;5:2A", "C-a C-up"],
  ["Caps Lock in a chord", "\x1b[65;5u", "C-a"],
  ["Shift in a chord", "\x1b[97;6u", "C-S-a"],
  ["an Escape alone", "\x1b", "escape"],
  ["two Escapes", "\x1b\x1b", "M-escape"],
  ["Escape, then a letter", "\x1b\x1ba", "escape M-a"],
])("%s", (_, text, expected) => {
  expect(keys(text)).toBe(expected);
});

test("a character writes itself", () => {
  expect(decode("ñ😀")).toEqual([
    { type: "key", key: "ñ", text: "ñ" },
    { type: "key", key: "😀", text: "😀" },
  ]);
  expect(decode("\x1b[97;2u")).toEqual([{ type: "key", key: "A", text: "A" }]);
  expect(decode(" ")).toEqual([{ type: "key", key: "space", text: " " }]);
});

test("a paste is one input, whatever it holds", () => {
  expect(decode("\x1b[200~a\r\nb\x1b[A\x03\x1b[201~c")).toEqual([
    { type: "paste", text: "a\nb\x1b[A\x03" },
    { type: "key", key: "c", text: "c" },
  ]);
});

test("a paste may come in any number of parts", () => {
  expect(decode("\x1b[200~on", "e\x1b[20", "1~")).toEqual([{ type: "paste", text: "one" }]);
});

test("the mouse is told by SGR and the old way", () => {
  const at = { row: 4, column: 9 };
  expect(decode("\x1b[<0;10;5M\x1b[<32;10;5M\x1b[<0;10;5m\x1b[<64;10;5M\x1b[<65;10;5M")).toEqual([
    { type: "mouse", what: "press", button: "left", ...at },
    { type: "mouse", what: "drag", button: "left", ...at },
    { type: "mouse", what: "release", button: "left", ...at },
    { type: "mouse", what: "wheel-up", button: "left", ...at },
    { type: "mouse", what: "wheel-down", button: "left", ...at },
  ]);
  expect(decode('\x1b[M"*%')).toEqual([{ type: "mouse", what: "press", button: "right", ...at }]);
});

test("answers of the terminal are told apart from keys", () => {
  expect(decode("\x1b[2;7R\x1b[?1u\x1b[?2026;2$y\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]11;?\x07\x1bP>|x\x1b\\")).toEqual([
    { type: "cursor", row: 1, column: 6 },
    { type: "reply", kind: "csi", text: "?1u" },
    { type: "reply", kind: "csi", text: "?2026;2$y" },
    { type: "reply", kind: "osc", text: "11;rgb:0000/0000/0000" },
    { type: "reply", kind: "osc", text: "11;?" },
    { type: "reply", kind: "dcs", text: ">|x" },
  ]);
  expect(decode("\x1b[I\x1b[O")).toEqual([
    { type: "focus", has: true },
    { type: "focus", has: false },
  ]);
});

test("what is no sequence of anybody's is not typed text", () => {
  expect(keys("\x1b[12;34;56z\x1b[99~\x1b_app\x1b\\\x1b[57358ua")).toBe("a");
});

test("an answer that never ends does not fill the memory", () => {
  const decoder = new Decoder();
  for (let i = 0; i < 100; i++) decoder.push(bytes(i === 0 ? "\x1b]0;" : "x".repeat(1000)));
  expect(decoder.push(bytes("\x07")).length).toBeLessThanOrEqual(1);
});

const pieces = fc.constantFrom(
  ..."aé😀 \r\t\x7f\x03".split(/(?:)/u),
  ..."\x1b[A|\x1b[1;5A|\x1bOP|\x1b[27;5;49~|\x1b[13;2u|\x1b[200~x\ny\x1b[201~|\x1b[<0;1;1M|\x1b[?1u|\x1b]11;x\x07|\x1bx".split(
    "|",
  ),
);

test("however the bytes are cut, what they say is the same", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), cuts, (parts, sizes) => {
      const all = bytes(parts.join(""));
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < all.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        chunks.push(all.subarray(at, at + size));
        at += size;
      }
      expect(decode(...chunks)).toEqual(decode(all));
    }),
  );
});

test("no bytes break it, and none of what it takes for text is a control character", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      for (const input of decode(random)) {
        if (input.type === "key" && input.text !== undefined) expect(input.text).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});
