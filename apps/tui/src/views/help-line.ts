import { actionsOf, type KeyPlace, placeBehind, placeNames } from "../keys/actions.ts";
import { showChord } from "../keys/chord.ts";
import type { KeyMap } from "../keys/key-map.ts";
import type { Line } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { widthOfLine } from "../text/wrap.ts";
import { definitionLines, termRoom } from "./definition-lines.ts";

/** Names the keys of a place that a newcomer needs, as many as fit. */
export function helpLine(place: KeyPlace, keys: KeyMap, width: number): Line {
  const behind = place === "editor" ? "anywhere" : placeBehind[place];
  // Beside candidates the keys of the text that is typed are no news.
  const places = behind === undefined || place === "choice" ? [place] : [place, behind];
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

/** Lists the keys of some places with what they do, in two columns; where those are narrow, the first keys of each. */
export function keyLines(places: readonly KeyPlace[], keys: KeyMap, width: number): Line[] {
  const most = termRoom(width);
  const sections = places.map((place) => ({
    title: placeNames[place],
    rows: actionsOf(place).flatMap(([name, { help }]) => {
      const chords = fitting(keys.keysOf(name).map(showChord), most);
      return chords === "" ? [] : [{ term: chords, meaning: help }];
    }),
  }));
  return definitionLines(sections, width);
}

/** As many of the keys as fit, and the first one always. */
function fitting([first = "", ...others]: readonly string[], width: number): string {
  return others.reduce((shown, next) => (widthOf(`${shown}  ${next}`) > width ? shown : `${shown}  ${next}`), first);
}
