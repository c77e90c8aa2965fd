/** Keys that end in a letter, as in `CSI A` and `SS3 P`. */
export const byLetter: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "clear",
  F: "end",
  H: "home",
  M: "enter",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

/** Keys that end in a number and a tilde, as in `CSI 3 ~`. */
export const byNumber: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Characters that are keys with names of their own, by their code. */
const byCode: Readonly<Record<number, string>> = {
  9: "tab",
  13: "enter",
  27: "escape",
  32: "space",
  127: "backspace",
  // Kitty's own numbers for the keypad.
  57414: "enter",
};

/** Writes a key with its modifiers; `bits` counts Shift as 1, Alt as 2, Ctrl as 4, and others that are passed over. */
export function chord(name: string, bits: number): string {
  return `${bits & 4 ? "C-" : ""}${bits & 2 ? "M-" : ""}${bits & 1 ? "S-" : ""}${name}`;
}

/** Names the key of a character with modifiers; Shift is part of a character that it made. */
export function characterKey(code: number, bits: number): { key: string; text?: string } {
  const name = byCode[code];
  const text = String.fromCodePoint(code);
  if (name !== undefined) {
    const writes = name === "space" && (bits & 6) === 0;
    return { key: chord(name, writes ? 0 : bits), ...(writes ? { text } : {}) };
  }
  const shifted = (bits & 1) !== 0 && text.toUpperCase() !== text ? text.toUpperCase() : text;
  if ((bits & 6) === 0) return { key: shifted, text: shifted };
  // A chord is the same whether Caps Lock is on.
  const letter = text.toLowerCase();
  return { key: chord(letter, letter === text.toUpperCase() ? bits & 6 : bits) };
}

/** Names the key behind a control character. */
export function controlKey(code: number, bits: number): { key: string } {
  switch (code) {
    case 0:
      return { key: chord("space", bits | 4) };
    case 8:
      return { key: chord("h", bits | 4) };
    case 9:
    case 13:
    case 27:
    case 127:
      return { key: chord(byCode[code] ?? "", bits) };
    default:
      return { key: chord(String.fromCharCode(code + 64).toLowerCase(), bits | 4) };
  }
}
