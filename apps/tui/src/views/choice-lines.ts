import { oneLine } from "../one-line.ts";
import type { Line } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { clip, pad } from "../text/wrap.ts";

/** One of several that a person chooses from. */
export interface Choice {
  readonly text: string;
  /** What it is, in a few words. */
  readonly detail?: string;
}

/** As many are seen at once. */
const MOST_SEEN = 8;
/** The share of the width that the texts may take where something is said of them. */
const TEXT_SHARE = 0.6;

const muted = { role: "muted" } as const;
const chosenLook = { role: "accent", bold: true } as const;

/** Lists what can be chosen around the one that is, below a rule; each line fills the width, for it covers what is there. */
export function choiceLines(
  choices: readonly Choice[],
  { chosen, width, rows }: { readonly chosen: number; readonly width: number; readonly rows: number },
): Line[] {
  const count = Math.min(MOST_SEEN, rows - 1, choices.length);
  if (count < 1) return [];
  const top = Math.max(0, Math.min(chosen - Math.floor(count / 2), choices.length - count));
  const seen = choices.slice(top, top + count);
  const texts = seen.map(({ text }) => oneLine(text, width));
  const most = seen.some(({ detail }) => detail !== undefined) ? Math.floor(width * TEXT_SHARE) : width;
  const column = Math.min(most, Math.max(...texts.map(widthOf)));
  const lines = seen.map(({ detail = "" }, index): Line => {
    const isChosen = top + index === chosen;
    const text: Line = [{ text: texts[index] ?? "", style: isChosen ? chosenLook : { role: "text" } }];
    const mark = { text: isChosen ? " ▸ " : "   ", style: chosenLook };
    const line: Line = [
      mark,
      ...pad(clip(text, column), column),
      { text: `  ${oneLine(detail, width)}`, style: muted },
    ];
    return pad(clip(line, width), width);
  });
  return [ruleLine(choices.length > count ? `${chosen + 1} of ${choices.length}` : "", width), ...lines];
}

function ruleLine(note: string, width: number): Line {
  const right = note === "" || width < note.length + 6 ? "" : ` ${note} ──`;
  return [{ text: `${"─".repeat(Math.max(0, width - right.length))}${right}`, style: muted }];
}
