import { actionsOf, type KeyPlace } from "../keys/actions.ts";
import { showChord } from "../keys/chord.ts";
import type { KeyMap } from "../keys/key-map.ts";
import type { Line } from "../text/line.ts";
import { pad, widthOfLine } from "../text/wrap.ts";

/** Names the keys of a place that a newcomer needs, as many as fit. */
export function helpLine(place: KeyPlace, keys: KeyMap, width: number): Line {
  const places: KeyPlace[] = place === "editor" ? ["editor", "anywhere"] : [place];
  let line: Line = [];
  for (const [name, { short }] of places.flatMap((each) => actionsOf(each))) {
    const [key] = keys.keysOf(name);
    if (short === undefined || key === undefined) continue;
    const longer: Line = [
      ...(line.length === 0 ? [] : [...line, { text: "   " }]),
      { text: showChord(key), style: { role: "text" } },
      { text: ` ${short}`, style: { role: "muted" } },
    ];
    if (widthOfLine(longer) > width) break;
    line = longer;
  }
  return line;
}

/** Lists every key of some places with what it does, in two columns. */
export function keyLines(places: readonly KeyPlace[], keys: KeyMap): Line[] {
  const rows = places.flatMap((place) =>
    actionsOf(place).flatMap(([name, { help }]) => {
      const chords = keys.keysOf(name).map(showChord).join("  ");
      return chords === "" ? [] : [{ chords, help }];
    }),
  );
  const column = Math.max(0, ...rows.map(({ chords }) => widthOfLine([{ text: chords }]))) + 3;
  return rows.map(({ chords, help }) => [
    ...pad([{ text: chords, style: { role: "accent" } }], column),
    { text: help, style: { role: "text" } },
  ]);
}
