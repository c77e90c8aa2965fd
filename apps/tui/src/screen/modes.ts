/** A mode of the terminal: what begins it, and what ends it. */
type Mode = readonly [begin: string, end: string];

const mouse: Mode = ["\x1b[?1000h\x1b[?1006h", "\x1b[?1006l\x1b[?1000l"];

/** In the order in which they begin. Kitty keeps the form of its keys for each screen: it follows the alternate one. */
const modes: readonly Mode[] = [
  ["\x1b[?1049h", "\x1b[?1049l"],
  ["\x1b[?25l", "\x1b[0m\x1b[?25h"],
  // Alt with a key is an Escape before it.
  ["\x1b[?1036h\x1b[?1039h", "\x1b[?1039l\x1b[?1036l"],
  // Keys with their modifiers: xterm's form, then kitty's.
  ["\x1b[>4;2m", "\x1b[>4;0m"],
  ["\x1b[>1u", "\x1b[<1u"],
  // A paste is told from typing.
  ["\x1b[?2004h", "\x1b[?2004l"],
  ["\x1b[?1004h", "\x1b[?1004l"],
];

/** Makes a terminal ours: its other screen, every key with its modifiers, pastes as such. */
export const beginModes = modes.map(([begin]) => begin).join("");

/** Gives it back as it was, the last first; it does no harm where nothing was begun. */
export const endModes = [...modes, mouse]
  .toReversed()
  .map(([, end]) => end)
  .join("");

/** Begins or ends telling us of the mouse. */
export function mouseMode(isOn: boolean): string {
  return isOn ? mouse[0] : mouse[1];
}
