import { oneLine } from "../one-line.ts";
import type { Line, Role, Span } from "../text/line.ts";
import { clip, pad, widthOfLine } from "../text/wrap.ts";

/** What the bar shows of a tab. */
export interface TabLabel {
  readonly name: string;
  readonly state: "idle" | "running" | "waiting" | "failed" | "merged";
  readonly isActive: boolean;
  readonly isUnread: boolean;
  /** Whether it belongs under the one before. */
  readonly isChild: boolean;
  /** US dollars, when they are known. */
  readonly cost?: string;
}

const LONGEST_NAME = 28;

const marks: Readonly<Record<TabLabel["state"], { readonly mark: string; readonly role: Role }>> = {
  idle: { mark: "", role: "muted" },
  running: { mark: "●", role: "accent" },
  waiting: { mark: "?", role: "warning" },
  failed: { mark: "✗", role: "alarm" },
  merged: { mark: "✓", role: "muted" },
};

/** Writes the tabs on one line; where they do not fit, those around the one that is looked at. */
export function tabBar(tabs: readonly TabLabel[], width: number): Line {
  const { labels, first, last } = fitTabs(tabs, width);
  const shown = labels.slice(first, last + 1).flat();
  const before: Line = first > 0 ? [{ text: "‹", style: { role: "muted" } }] : [];
  const after: Line = last < tabs.length - 1 ? [{ text: "›", style: { role: "muted" } }] : [];
  const room = width - widthOfLine(before) - widthOfLine(after);
  return after.length === 0
    ? [...before, ...clip(shown, room)]
    : [...before, ...pad(clip(shown, room), room), ...after];
}

/** The tab that stands at a column. */
export function tabAt(tabs: readonly TabLabel[], width: number, column: number): number | undefined {
  const { labels, first, last } = fitTabs(tabs, width);
  let end = first > 0 ? 1 : 0;
  for (const [index, label] of labels.entries()) {
    if (index < first || index > last) continue;
    end += widthOfLine(label);
    if (column < end) return index;
  }
  return undefined;
}

function fitTabs(tabs: readonly TabLabel[], width: number) {
  const labels = tabs.map(labelLine);
  const active = tabs.findIndex(({ isActive }) => isActive);
  return { labels, ...around(Math.max(0, active), labels.map(widthOfLine), width) };
}

function labelLine({ name, state, isActive, isUnread, isChild, cost }: TabLabel, index: number): Line {
  const { mark, role } = marks[state];
  const look = { role: isActive ? "selected" : state === "merged" ? "muted" : "text", bold: isActive } as const;
  const dim = { role: isActive ? "selected" : "muted", dim: state === "merged" } as const;
  const parts: Span[] = [
    { text: isChild ? " └ " : ` ${index + 1} `, style: dim },
    { text: oneLine(name, LONGEST_NAME), style: isUnread ? { ...look, role: "accent", bold: true } : look },
  ];
  if (cost !== undefined) parts.push({ text: ` ${cost}`, style: dim });
  if (mark !== "") parts.push({ text: " ", style: dim }, { text: mark, style: isActive ? look : { role } });
  else if (isUnread) parts.push({ text: " •", style: { role: "accent" } });
  return [...parts, { text: " ", style: dim }];
}

/** The longest run of labels that fits and holds one of them, with a column on both sides for what is left out. */
function around(active: number, widths: readonly number[], width: number): { first: number; last: number } {
  const sum = (from: number, to: number) => widths.slice(from, to + 1).reduce((all, each) => all + each, 0);
  if (sum(0, widths.length - 1) <= width) return { first: 0, last: widths.length - 1 };
  let [first, last] = [active, active];
  for (;;) {
    if (last + 1 < widths.length && sum(first, last + 1) <= width - 2) last += 1;
    else if (first > 0 && sum(first - 1, last) <= width - 2) first -= 1;
    else return { first, last };
  }
}
