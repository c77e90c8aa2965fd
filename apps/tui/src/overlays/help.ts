import { keyPlaces } from "../keys/actions.ts";
import type { KeyMap } from "../keys/key-map.ts";
import type { View } from "../program/front.ts";
import { definitionLines } from "../views/definition-lines.ts";
import { keyLines } from "../views/help-line.ts";
import { LinesOverlay } from "./lines-overlay.ts";
import type { OverlayHost } from "./overlay.ts";

/** Every key, with what it does. */
export function keysOverlay(host: OverlayHost, keys: KeyMap): LinesOverlay {
  return new LinesOverlay({ place: "list", layOut: (width) => keyLines(keyPlaces, keys, width) }, host);
}

/** Every command, with what it does. */
export function commandsOverlay(
  { commands, warnings }: Extract<View, { type: "help" }>,
  host: OverlayHost,
): LinesOverlay {
  const rows = commands.map(({ usage, help }) => ({ term: usage, meaning: help }));
  const hands = [
    { term: "!<command>", meaning: "Run a command of your own in the worktree; what it prints is shown here" },
    { term: "$<command>", meaning: "Give the terminal to a command of your own, or without one to a shell" },
  ];
  const sections = [
    { title: "commands", rows },
    { title: "your own hand", rows: hands },
    ...(warnings.length === 0
      ? []
      : [{ title: "not used", rows: warnings.map((warning) => ({ term: "", meaning: warning })) }]),
  ];
  return new LinesOverlay({ place: "list", layOut: (width) => definitionLines(sections, width) }, host);
}
