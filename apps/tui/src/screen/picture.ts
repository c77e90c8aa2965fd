import type { KeyPlace } from "../keys/actions.ts";
import type { KeyMap } from "../keys/key-map.ts";
import type { Line } from "../text/line.ts";
import { clip, widthOfLine } from "../text/wrap.ts";
import { helpLine } from "../views/help-line.ts";
import { type Status, statusLine } from "../views/status-line.ts";
import { type TabLabel, tabBar } from "../views/tab-bar.ts";
import { Frame } from "./frame.ts";
import type { Layout } from "./layout.ts";
import type { Theme } from "./theme.ts";

/** A text field: its rows, and where the cursor stands in them. */
export interface Field {
  /** What stands before the first row. */
  readonly mark: Line;
  readonly lines: readonly Line[];
  readonly cursor: { readonly row: number; readonly column: number };
  /** Shown while it is empty. */
  readonly placeholder: Line;
}

/** What there is to show. */
export interface Scene {
  readonly tabs: readonly TabLabel[];
  /** Lays out what is seen above the editor. */
  body(width: number, rows: number): readonly Line[];
  /** Lays out what is asked; empty when nothing is. */
  question(width: number, rows: number): readonly Line[];
  /** Lays out what can be chosen from, over what is seen above the editor. */
  choices(width: number, rows: number): readonly Line[];
  /** Stands at the right of the line above the editor. */
  readonly note: Line;
  field(width: number): Field;
  readonly status: Status;
  readonly place: KeyPlace;
  /** Shown where else keys are named. */
  readonly message: string | undefined;
}

/** The mark before a text field is as wide. */
const MARK_WIDTH = 2;
/** Rows of tabs, rule, status and help, and the empty one below the tabs. */
const CHROME = 5;

const muted = { role: "muted" } as const;

/** Draws a scene. */
export function drawPicture(
  scene: Scene,
  { rows, columns, layout, theme, keys }: PictureOptions,
): { readonly frame: Frame; readonly fieldWidth: number } {
  const fieldWidth = Math.max(1, columns - 2 - MARK_WIDTH);
  const field = scene.field(fieldWidth);
  const editorRows = Math.max(1, Math.min(field.lines.length, Math.floor(rows / 3)));
  const question = scene.question(Math.max(1, columns - 2), Math.max(0, rows - editorRows - CHROME));
  const panes = layout.panes({ rows, columns, editorRows, questionRows: question.length });
  const frame = new Frame(rows, columns, theme);
  frame.draw(panes.tabs, [tabBar(scene.tabs, panes.tabs.columns)]);
  frame.draw(panes.transcript, scene.body(panes.transcript.columns, panes.transcript.rows));
  frame.draw(panes.question, question);
  const choices = scene.choices(columns, panes.rule.row - panes.tabs.rows);
  frame.draw({ ...panes.rule, row: panes.rule.row - choices.length, rows: choices.length }, choices);
  frame.draw(panes.rule, [rule(scene.note, panes.rule.columns)]);
  const top = Math.max(0, Math.min(field.cursor.row, field.lines.length - 1) - panes.editor.rows + 1);
  const isEmpty = field.lines.every((line) => line.length === 0) && field.lines.length === 1;
  const seen = isEmpty ? [field.placeholder] : field.lines.slice(top, top + panes.editor.rows);
  frame.draw(
    panes.editor,
    seen.map(
      (line, row): Line => [...(row === 0 && top === 0 ? field.mark : [{ text: " ".repeat(MARK_WIDTH) }]), ...line],
    ),
  );
  frame.draw(panes.status, [statusLine(scene.status, panes.status.columns)]);
  const message: Line = [{ text: scene.message ?? "", style: { role: "warning" } }];
  frame.draw(panes.help, [
    scene.message === undefined ? helpLine(scene.place, keys, panes.help.columns) : clip(message, panes.help.columns),
  ]);
  const row = field.cursor.row - top;
  if (row >= 0 && row < panes.editor.rows) {
    const column = Math.min(panes.editor.column + MARK_WIDTH + field.cursor.column, columns - 1);
    frame.cursor = { row: panes.editor.row + row, column };
  }
  return { frame, fieldWidth };
}

/** What a picture is drawn with. */
export interface PictureOptions {
  readonly rows: number;
  readonly columns: number;
  readonly layout: Layout;
  readonly theme: Theme;
  readonly keys: KeyMap;
}

function rule(note: Line, columns: number): Line {
  const shown = note.length === 0 ? [] : clip([{ text: " " }, ...note, { text: " " }], Math.max(0, columns - 4));
  const left = Math.max(0, columns - widthOfLine(shown) - (shown.length === 0 ? 0 : 2));
  const right = Math.max(0, columns - left - widthOfLine(shown));
  return [{ text: "─".repeat(left), style: muted }, ...shown, { text: "─".repeat(right), style: muted }];
}
