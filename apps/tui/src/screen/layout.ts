import { Duplex } from "node:stream";
import type { Widgets } from "blessed";
import type { Area } from "./frame.ts";

/** The parts of the screen, from top to bottom. */
export interface Panes {
  readonly tabs: Area;
  readonly transcript: Area;
  /** What is asked, above the text that is being typed. */
  readonly question: Area;
  /** A line of its own, which parts what was said from what is being typed. */
  readonly rule: Area;
  readonly editor: Area;
  readonly status: Area;
  readonly help: Area;
}

/** What decides how the screen is divided. */
export interface LayoutOptions {
  readonly rows: number;
  readonly columns: number;
  /** Rows that are wanted; on a screen that is too low there may be fewer. */
  readonly questionRows: number;
  readonly editorRows: number;
}

/** Rows below the editor: the status line and the help line. */
const FOOT = 2;

/** Divides the screen into panes: a tree of blessed's boxes, of which only the places are taken. */
export class Layout implements Disposable {
  readonly #screen: Widgets.Screen;
  /** All but what is below the editor. */
  readonly #above: Widgets.BoxElement;
  readonly #boxes: Readonly<Record<keyof Panes, Widgets.BoxElement>>;

  private constructor({ screen: drawn, box }: Toolkit) {
    this.#screen = drawn;
    const above = box(drawn, { top: 0, left: 0, right: 0 });
    const foot = box(drawn, { bottom: 0, left: 0, right: 0, height: FOOT });
    this.#above = above;
    this.#boxes = {
      tabs: box(above, { top: 0, left: 0, right: 0, height: 1 }),
      transcript: box(above, { top: 2, left: 1, right: 1 }),
      question: box(above, { left: 1, right: 1 }),
      rule: box(above, { left: 0, right: 0, height: 1 }),
      editor: box(above, { left: 1, right: 1 }),
      status: box(foot, { top: 0, left: 1, right: 1, height: 1 }),
      help: box(foot, { top: 1, left: 1, right: 1, height: 1 }),
    };
  }

  /** Loads blessed, which nothing needs that draws nothing. */
  static async open(): Promise<Layout> {
    const { default: blessed } = await import("blessed");
    // It writes modes and would read keys by itself: what it writes goes nowhere, and there is nothing to read.
    const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const program = blessed.program({ input: nowhere, output: nowhere, terminal: "xterm" });
    const screen = blessed.screen({ program, warnings: false });
    return new Layout({ screen, box: (parent, position) => blessed.box({ parent, ...position }) });
  }

  /** Divides a screen of a size. */
  panes({ rows, columns, questionRows, editorRows }: LayoutOptions): Panes {
    const { program } = this.#screen;
    [program.rows, program.cols] = [rows, columns];
    const middle = Math.max(0, rows - FOOT);
    const editing = Math.min(editorRows, middle);
    const asking = Math.min(questionRows, Math.max(0, middle - editing - 2));
    const { tabs, transcript, question, rule, editor, status, help } = this.#boxes;
    this.#above.height = middle;
    Object.assign(editor, { bottom: 0, height: editing });
    rule.bottom = editing;
    Object.assign(question, { bottom: editing + 1, height: asking });
    transcript.bottom = editing + 1 + asking;
    return {
      tabs: areaOf(tabs),
      transcript: areaOf(transcript),
      question: areaOf(question),
      rule: areaOf(rule),
      editor: areaOf(editor),
      status: areaOf(status),
      help: areaOf(help),
    };
  }

  [Symbol.dispose](): void {
    this.#screen.destroy();
  }
}

interface Toolkit {
  readonly screen: Widgets.Screen;
  box(parent: Widgets.Node, position: Widgets.BoxOptions): Widgets.BoxElement;
}

function areaOf({ atop, aleft, width, height }: Widgets.BoxElement): Area {
  const [row, column] = [Number(atop), Number(aleft)];
  return { row, column, rows: Math.max(0, Number(height)), columns: Math.max(0, Number(width)) };
}
