import { age, counted } from "../history/amounts.ts";
import { oneLine } from "../one-line.ts";
import type { Line, Role, Span } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { clip, pad, widthOfLine } from "../text/wrap.ts";
import type { TreeRow } from "./tree-rows.ts";

/** What is known of branches beside their log. */
export interface TreeSurroundings {
  /** The number of the tab in which a branch is open. */
  readonly tabs: ReadonlyMap<string, number>;
  /** The branch of the tab that is looked at. */
  readonly active: string | undefined;
  readonly now: Date;
}

/** The rows of a tree with what stands at their right, in columns. */
export interface TreeTable {
  readonly rows: readonly TreeRow[];
  readonly cells: readonly Cells[];
  readonly widths: Readonly<Record<keyof Cells, number>>;
  readonly active: string | undefined;
}

interface Cells {
  readonly note: string;
  readonly added: string;
  readonly removed: string;
  readonly age: string;
}

/** On fewer columns than these an age is left out. */
const WIDE = 84;
const LONGEST_TEXT = 300;

/** Works out once what the rows of a tree hold. */
export function treeTable(rows: readonly TreeRow[], { tabs, active, now }: TreeSurroundings): TreeTable {
  const cells = rows.map((row) => cellsOf(row, tabs, now));
  const width = (key: keyof Cells) => cells.reduce((most, each) => Math.max(most, widthOf(each[key])), 0);
  const widths = { note: width("note"), added: width("added"), removed: width("removed"), age: width("age") };
  return { rows, cells, widths, active };
}

/** Writes one row of a tree: the graph, what it is about, and its columns at the right. */
export function treeLine(
  { rows, cells, widths, active }: TreeTable,
  index: number,
  { width, isChosen }: { readonly width: number; readonly isChosen: boolean },
): Line {
  const [row, own] = [rows[index], cells[index]];
  if (row === undefined || own === undefined) return [];
  const isActive = row.branch.branch === active;
  const right = rightOf(own, widths, width >= WIDE);
  const room = Math.max(0, width - widthOfLine(right) - 1);
  const line = [
    ...pad(clip([...graphSpans(row), ...labelOf(row, isActive)], room), width - widthOfLine(right)),
    ...right,
  ];
  return isChosen ? line.map(({ text, style }): Span => ({ text, style: { ...style, behind: "selected" } })) : line;
}

function graphSpans({ graph, type, branch }: TreeRow): Span[] {
  const isRoot = type === "branch" && !("after" in branch);
  return [
    { text: graph.before, style: { role: "muted" } },
    { text: graph.node, style: { role: "accent", bold: isRoot } },
    { text: graph.after, style: { role: "muted" } },
  ];
}

function labelOf(row: TreeRow, isActive: boolean): Span[] {
  switch (row.type) {
    case "branch": {
      const name = oneLine(nameOf(row.branch.branch ?? row.branch.session), 60);
      const kind = "after" in row.branch && row.branch.isSubAgent ? "  sub-agent" : "";
      return [
        { text: name, style: isActive ? { role: "accent", bold: true } : { bold: true } },
        { text: kind, style: { role: "muted" } },
      ];
    }
    case "turn": {
      const { turn, prompt, isRewound } = row.turn;
      const role: Role = isRewound ? "muted" : "text";
      return [
        { text: `${turn}  `, style: { role: "muted" } },
        { text: oneLine(prompt ?? "(its prompt is gone)", LONGEST_TEXT), style: { role, strike: isRewound } },
      ];
    }
    case "merge":
      return [{ text: `merged ${oneLine(nameOf(row.from), 60)}`, style: { role: "muted" } }];
    default:
      return row satisfies never;
  }
}

/** Branches are called as their tabs are, and commits as git abbreviates them. */
function nameOf(name: string): string {
  return /^[0-9a-f]{40,64}$/.test(name) ? name.slice(0, 9) : name.replace(/^bough\//, "");
}

function cellsOf(row: TreeRow, tabs: ReadonlyMap<string, number>, now: Date): Cells {
  const nothing = { note: "", added: "", removed: "", age: "" };
  if (row.type === "branch") {
    const { branch, turns } = row.branch;
    const tab = tabs.get(branch ?? "");
    const last = turns.at(-1);
    const note = tab === undefined ? counted(turns.length, "turn") : `tab ${tab}`;
    return { ...nothing, note, age: last === undefined ? "" : age(last.date, now) };
  }
  if (row.type === "merge") return nothing;
  const { files, isRewound, hasLanded } = row.turn;
  const sum = (key: "added" | "removed") => files.reduce((total, file) => total + (file[key] ?? 0), 0);
  return {
    ...nothing,
    note: isRewound ? "rewound" : hasLanded ? "landed" : "",
    added: sum("added") > 0 ? `+${sum("added")}` : "",
    removed: sum("removed") > 0 ? `−${sum("removed")}` : "",
  };
}

function rightOf(cells: Cells, widths: TreeTable["widths"], isWide: boolean): Line {
  const noteRole: Role = cells.note === "landed" ? "added" : "muted";
  const columns: Span[] = [
    { text: cells.note.padEnd(widths.note), style: { role: noteRole } },
    { text: cells.added.padStart(widths.added), style: { role: "added" } },
    { text: cells.removed.padStart(widths.removed), style: { role: "removed" } },
    ...(isWide ? [{ text: cells.age.padStart(widths.age), style: { role: "muted" } } as const] : []),
  ];
  return columns.filter(({ text }) => text !== "").flatMap((span) => [{ text: "  " }, span]);
}
