import type { Diff } from "@bough/gitstate";
import { Editor } from "../editor/editor.ts";
import type { OverlayAction } from "../keys/actions.ts";
import { oneLine } from "../one-line.ts";
import { type Line, textOf } from "../text/line.ts";
import { clip, widthOfLine } from "../text/wrap.ts";
import { type DiffLayout, layOutDiff, SIDE_BY_SIDE } from "../views/diff-view.ts";
import { type PatchFile, parsePatch } from "../views/patch.ts";
import type { Overlay, OverlayField, OverlayHost } from "./overlay.ts";
import { Rows } from "./rows.ts";

/** What differs between two commits, unified or side by side. */
export class DiffOverlay implements Overlay {
  readonly place = "diff";
  readonly #diff: Diff;
  readonly #patch: readonly PatchFile[];
  readonly #host: OverlayHost;
  readonly #rows = new Rows({ hasChoice: false });
  /** Undefined while the width decides. */
  #isSideBySide: boolean | undefined;
  #search: Editor | undefined;
  #isTyping = false;
  #shown: { readonly width: number; readonly isSideBySide: boolean; readonly layout: DiffLayout } | undefined;

  constructor(diff: Diff, host: OverlayHost, { isSideBySide }: { readonly isSideBySide?: boolean } = {}) {
    this.#diff = diff;
    this.#patch = parsePatch(diff.diff);
    this.#host = host;
    this.#isSideBySide = isSideBySide;
  }

  get field(): OverlayField | undefined {
    if (!this.#isTyping || this.#search === undefined) return undefined;
    return { editor: this.#search, placeholder: "Search: Enter finds, then n goes on and N back" };
  }

  lines(width: number, rows: number): readonly Line[] {
    const { lines, files } = this.#layOut(width);
    const { start, end } = this.#rows.seen(lines.length, rows - 2);
    const place = lines.length > rows - 2 ? `${Math.round((end / lines.length) * 100)}%` : "";
    const file = files.findLastIndex((row) => row <= start);
    return [this.#title(width, file, place), [], ...lines.slice(start, end).map((line) => this.#marked(line))];
  }

  scroll(rows: number): void {
    this.#rows.scroll(rows);
  }

  endField(holds: boolean): void {
    this.#isTyping = false;
    if (!holds || this.#search?.isEmpty) this.#search = undefined;
    else this.#find(1, 0);
  }

  act(action: OverlayAction): void {
    if (this.#rows.act(action)) return;
    switch (action) {
      case "list-close":
        this.#host.close();
        break;
      case "diff-layout":
        this.#toggleLayout();
        break;
      case "diff-next-file":
        this.#goToFile(1);
        break;
      case "diff-previous-file":
        this.#goToFile(-1);
        break;
      case "diff-find":
        this.#search = new Editor();
        this.#isTyping = true;
        break;
      case "diff-next-match":
        this.#find(1, 1);
        break;
      case "diff-previous-match":
        this.#find(-1, 1);
        break;
      default:
    }
  }

  #toggleLayout(): void {
    const { width = 0, isSideBySide = false } = this.#shown ?? {};
    if (width < SIDE_BY_SIDE) this.#host.say(`Side by side needs ${SIDE_BY_SIDE + 2} columns`);
    else this.#isSideBySide = !isSideBySide;
  }

  #goToFile(direction: 1 | -1): void {
    const { files = [] } = this.#shown?.layout ?? {};
    const at = this.#rows.chosen;
    const next = direction > 0 ? files.find((row) => row > at) : files.findLast((row) => row < at);
    this.#rows.goTo(next ?? (direction > 0 ? at : 0));
  }

  /** Goes to the next row that holds what is looked for, `from` rows away or further. */
  #find(direction: 1 | -1, from: 0 | 1): void {
    const wanted = this.#search?.text.toLowerCase() ?? "";
    const { lines = [] } = this.#shown?.layout ?? {};
    const start = this.#rows.chosen + from * direction;
    const holds = (line: Line) => textOf(line).toLowerCase().includes(wanted);
    const found =
      direction > 0
        ? lines.findIndex((line, row) => row >= start && holds(line))
        : lines.findLastIndex((line, row) => row <= start && holds(line));
    if (wanted === "") this.#host.say("Nothing is searched for yet");
    else if (found === -1) this.#host.say("It is not there");
    else this.#rows.goTo(found);
  }

  #marked(line: Line): Line {
    const wanted = this.#isTyping ? "" : (this.#search?.text.toLowerCase() ?? "");
    if (wanted === "" || !textOf(line).toLowerCase().includes(wanted)) return line;
    return line.map(({ text, style }) => ({ text, style: { ...style, behind: "selected" } }));
  }

  #title(width: number, file: number, place: string): Line {
    const { from, to, branch, since } = this.#diff;
    const start = since === undefined || since === from ? (from?.slice(0, 9) ?? "nothing") : oneLine(since, 40);
    const ends = `${start} → ${to.slice(0, 9)}`;
    const { length } = this.#diff.files;
    const right = [file >= 0 && length > 1 ? `file ${file + 1} of ${length}` : "", place]
      .filter((text) => text !== "")
      .join("   ");
    const left: Line = [
      { text: branch === undefined ? "" : `${oneLine(branch, 60)}  `, style: { bold: true } },
      { text: ends, style: { role: "accent" } },
    ];
    const shown = clip(left, Math.max(0, width - right.length - 2));
    return [
      ...shown,
      { text: " ".repeat(Math.max(0, width - widthOfLine(shown) - right.length)) },
      { text: right, style: { role: "muted" } },
    ];
  }

  #layOut(width: number): DiffLayout {
    const isSideBySide = (this.#isSideBySide ?? false) && width >= SIDE_BY_SIDE;
    if (this.#shown?.width !== width || this.#shown.isSideBySide !== isSideBySide) {
      const layout = layOutDiff(this.#diff, this.#patch, { width, isSideBySide });
      this.#shown = { width, isSideBySide, layout };
    }
    return this.#shown.layout;
  }
}
