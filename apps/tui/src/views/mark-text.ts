import { type Line, type Span, textOf } from "../text/line.ts";

/** Marks every place in a line that holds a text, whatever its case. */
export function markText(line: Line, text: string): Line {
  const whole = textOf(line);
  const places = placesOf(foldedLike(whole, text));
  if (places.length === 0) return line;
  let at = 0;
  return line.flatMap((span) => {
    const start = at;
    at += span.text.length;
    return splitAt(span, start, places);
  });
}

/** Letters that change their length with their case would shift what is behind them: they are compared as they are. */
function foldedLike(whole: string, text: string): { readonly whole: string; readonly text: string } {
  const folded = { whole: whole.toLowerCase(), text: text.toLowerCase() };
  return folded.whole.length === whole.length ? folded : { whole, text };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

function placesOf({ whole, text }: { readonly whole: string; readonly text: string }): Stretch[] {
  const places: Stretch[] = [];
  if (text === "") return places;
  for (let from = whole.indexOf(text); from !== -1; from = whole.indexOf(text, from + text.length)) {
    places.push({ from, to: from + text.length });
  }
  return places;
}

function splitAt(span: Span, start: number, places: readonly Stretch[]): Span[] {
  const spans: Span[] = [];
  let done = 0;
  const push = (to: number, isMarked: boolean) => {
    const text = span.text.slice(done, to);
    if (text !== "") spans.push(isMarked ? { text, style: { ...span.style, ...found } } : { ...span, text });
    done = Math.max(done, to);
  };
  for (const { from, to } of places) {
    push(Math.max(0, from - start), false);
    push(Math.min(span.text.length, Math.max(0, to - start)), true);
  }
  push(span.text.length, false);
  return spans;
}

const found = { role: "selected", bold: true, underline: true } as const;
