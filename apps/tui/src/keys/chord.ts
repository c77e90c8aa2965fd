import { nearest } from "../command-line/nearest.ts";
import { byLetter, byNumber, chord } from "./key-names.ts";

/** What a text says that is meant for a key. */
export type ChordText =
  | { readonly type: "chord"; readonly key: string }
  | { readonly type: "unknown"; readonly near: string | undefined };

const names = new Set([...Object.values(byLetter), ...Object.values(byNumber), "tab", "escape", "space", "backspace"]);

const modifiers: Readonly<Record<string, { readonly bit: number; readonly shown: string }>> = {
  S: { bit: 1, shown: "Shift-" },
  M: { bit: 2, shown: "Alt-" },
  C: { bit: 4, shown: "Ctrl-" },
};

const longNames: Readonly<Record<string, string>> = { shift: "S", alt: "M", meta: "M", ctrl: "C", control: "C" };

/** Reads a key as a person writes it: `C-x` or `ctrl-x`, `M-enter`, `?`. */
export function parseChord(text: string): ChordText {
  const [, prefix = "", last = ""] = /^((?:\w+-)*)(.+)$/su.exec(text) ?? [];
  const bits = prefix.split("-").slice(0, -1).map(bitOf);
  const name = last.toLowerCase();
  if (bits.includes(undefined) || name === "") return { type: "unknown", near: undefined };
  const all = bits.reduce<number>((sum, bit) => sum | (bit ?? 0), 0);
  if (names.has(name)) return { type: "chord", key: chord(name, all) };
  if (Array.from(last).length !== 1 || /[\p{Cc}\s]/u.test(last))
    return { type: "unknown", near: nearestKey(prefix, name) };
  // Shift is part of what a key writes, as in "?" or "G".
  return { type: "chord", key: (all & 6) === 0 ? last : chord(name, all) };
}

/** Writes a key as a person reads it: `Ctrl-X`, `Alt-Enter`, `PgUp`. */
export function showChord(key: string): string {
  const [, prefix = "", name = ""] = /^((?:[CMS]-)*)(.+)$/su.exec(key) ?? [];
  const shown = prefix
    .split("-")
    .map((letter) => modifiers[letter]?.shown ?? "")
    .join("");
  return shown + (shownNames[name] ?? (prefix === "" ? name : name.toUpperCase()));
}

const shownNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...names].map((name) => [name, `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`])),
  escape: "Esc",
  pageup: "PgUp",
  pagedown: "PgDn",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
};

function bitOf(word: string): number | undefined {
  return modifiers[longNames[word.toLowerCase()] ?? word]?.bit;
}

function nearestKey(prefix: string, name: string): string | undefined {
  const near = nearest(name, [...names]);
  return near === undefined ? undefined : `${prefix}${near}`;
}
