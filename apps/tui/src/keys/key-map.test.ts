import { expect, test } from "vitest";
import { actionsOf, keyPlaces } from "./actions.ts";
import { showChord } from "./chord.ts";
import { Decoder } from "./decoder.ts";
import { KeyMap } from "./key-map.ts";
import { byLetter, byNumber } from "./key-names.ts";

const chordsOf = (place: (typeof keyPlaces)[number]) => actionsOf(place).flatMap(([, { keys }]) => keys);

test.each(keyPlaces)("no key does two things in the place: %s", (place) => {
  const chords = chordsOf(place);
  expect(chords).toEqual([...new Set(chords)]);
});

test("no key of the editor hides one that is there everywhere", () => {
  const editor = new Set(chordsOf("editor"));
  expect(chordsOf("anywhere").filter((chord) => editor.has(chord))).toEqual([]);
});

/** What a terminal that tells all modifiers sends for a key. */
function bytesOf(key: string): string {
  const [, prefix = "", name = ""] = /^((?:[CMS]-)*)(.+)$/su.exec(key) ?? [];
  const bits = (prefix.includes("S") ? 1 : 0) | (prefix.includes("M") ? 2 : 0) | (prefix.includes("C") ? 4 : 0);
  const codes: Record<string, number> = { tab: 9, enter: 13, escape: 27, space: 32, backspace: 127 };
  const code = codes[name] ?? (Array.from(name).length === 1 ? name.codePointAt(0) : undefined);
  if (code !== undefined) return `\x1b[${code};${bits + 1}u`;
  const letter = Object.keys(byLetter).find((each) => byLetter[each] === name);
  const number = Object.keys(byNumber).find((each) => byNumber[each] === name);
  return letter === undefined ? `\x1b[${number};${bits + 1}~` : `\x1b[1;${bits + 1}${letter}`;
}

test("every key of the table is one that a terminal can send", () => {
  for (const chord of keyPlaces.flatMap(chordsOf)) {
    expect(new Decoder().push(new TextEncoder().encode(bytesOf(chord)))).toMatchObject([{ type: "key", key: chord }]);
  }
});

test("a place comes before what is bound everywhere", () => {
  const map = new KeyMap();
  expect(map.find("editor", "enter")).toBe("send");
  expect(map.find("editor", "C-z")).toBe("suspend");
  expect(map.find("list", "pageup")).toBe("list-page-up");
  expect(map.find("question", "pageup")).toBe("question-page-up");
  expect(map.find("editor", "C-q")).toBeUndefined();
});

test("a person binds keys otherwise, and takes them from what had them", () => {
  const map = new KeyMap({ send: ["ctrl-enter"], "new-line": ["enter", "C-j"], expand: ["f5"], mouse: [] });
  expect(map.find("editor", "enter")).toBe("new-line");
  expect(map.find("editor", "C-enter")).toBe("send");
  expect(map.find("editor", "S-enter")).toBeUndefined();
  expect([map.find("editor", "f5"), map.find("editor", "C-o"), map.keysOf("mouse")]).toEqual(["expand", undefined, []]);
});

test("a key that the table binds everywhere can be given to the editor", () => {
  expect(new KeyMap({ send: ["C-o"] }).find("editor", "C-o")).toBe("send");
});

test.each([
  [{ sned: ["enter"] }, 'keys: "sned" is nothing that a key can do. Did you mean "send"?'],
  [{ send: ["C-entre"] }, 'keys.send: "C-entre" is no key. Did you mean "C-enter"?'],
  [{ send: ["X-a"] }, 'keys.send: "X-a" is no key.'],
  [{ send: ["f5"], undo: ["f5"] }, 'keys: "f5" is bound to send and to undo.'],
])("%j is refused", (settings, message) => {
  expect(() => new KeyMap(settings)).toThrow(message);
});

test.each([
  ["C-o", "Ctrl-O"],
  ["M-.", "Alt-."],
  ["C-S-z", "Ctrl-Shift-Z"],
  ["S-enter", "Shift-Enter"],
  ["C-pagedown", "Ctrl-PgDn"],
  ["escape", "Esc"],
  ["?", "?"],
  ["G", "G"],
])("the key %s is shown as %s", (key, shown) => {
  expect(showChord(key)).toBe(shown);
});
