import { type ConflictSides, type MergeConflict, type Repository, readConflict } from "@bough/gitstate";
import { createTwoFilesPatch } from "diff";
import { conflictKinds } from "../history/describe-merge.ts";
import type { OverlayAction } from "../keys/actions.ts";
import { oneLine } from "../one-line.ts";
import type { Tab } from "../program/tab.ts";
import type { Line, Span } from "../text/line.ts";
import { clip, pad, widthOfLine } from "../text/wrap.ts";
import { patchLines, SIDE_BY_SIDE } from "../views/diff-view.ts";
import { parsePatch } from "../views/patch.ts";
import type { Overlay, OverlayHost } from "./overlay.ts";
import { Rows } from "./rows.ts";

/** What does not go together, and where it was to go. */
interface ConflictOptions {
  readonly host: OverlayHost;
  readonly repository: Repository;
  readonly tab: Tab;
  readonly other: string;
}

interface ConflictingPath extends MergeConflict {
  readonly sides: ConflictSides;
}

/** The paths at which two branches do not go together, both sides of the chosen one, and what can be done. */
export class ConflictOverlay implements Overlay {
  readonly place = "conflict";
  readonly #paths: readonly ConflictingPath[];
  readonly #options: ConflictOptions;
  readonly #list = new Rows({ hasChoice: true });

  private constructor(paths: readonly ConflictingPath[], options: ConflictOptions) {
    this.#paths = paths;
    this.#options = options;
  }

  static async of(conflicts: readonly MergeConflict[], options: ConflictOptions): Promise<ConflictOverlay> {
    const paths = await Promise.all(
      conflicts.map(async (conflict) => ({ ...conflict, sides: await readConflict(options.repository, conflict) })),
    );
    return new ConflictOverlay(paths, options);
  }

  lines(width: number, rows: number): readonly Line[] {
    const head = this.#head(width);
    const room = Math.max(1, Math.min(this.#paths.length, Math.floor((rows - head.length) / 3)));
    const { start, end } = this.#list.seen(this.#paths.length, room);
    const { chosen } = this.#list;
    const list = this.#paths
      .slice(start, end)
      .map((path, i) => pathLine(path, { width, isChosen: start + i === chosen }));
    const path = this.#paths[chosen];
    return [...head, ...list, [], ...(path === undefined ? [] : this.#sides(path, width))].slice(0, rows);
  }

  scroll(rows: number): void {
    this.#list.scroll(rows);
  }

  act(action: OverlayAction): void {
    const { host, other } = this.#options;
    if (this.#list.act(action)) return;
    switch (action) {
      case "list-close":
        host.close();
        break;
      case "conflict-mend":
        host.closeAll();
        host.write(this.#prompt());
        break;
      case "conflict-open":
        host.closeAll();
        host.run(async () => {
          await host.program.resume(other);
        });
        break;
      default:
    }
  }

  #head(width: number): Line[] {
    const { tab, other } = this.#options;
    const question: Line = [
      { text: "✗ ", style: { role: "alarm", bold: true } },
      { text: `${oneLine(other, 60)} does not go into ${oneLine(tab.name, 60)}`, style: { bold: true } },
    ];
    return [clip(question, width), [{ text: "  Nothing was merged.", style: { role: "muted" } }], []];
  }

  #sides({ path, sides }: ConflictingPath, width: number): Line[] {
    const { tab, other } = this.#options;
    const isSideBySide = width >= SIDE_BY_SIDE;
    const heading = isSideBySide
      ? sideHeads(tab.name, other, Math.floor((width - 3) / 2))
      : unifiedHeads(tab.name, other);
    if (sides.ours === undefined && sides.theirs === undefined) {
      return [[{ text: `${oneLine(path, 60)} is no text, or too long to show.`, style: { role: "muted" } }]];
    }
    const patch = createTwoFilesPatch("a", "b", sides.ours ?? "", sides.theirs ?? "", "", "", { context: 3 });
    const [file] = parsePatch(patch);
    return [...heading, ...(file === undefined ? [] : patchLines({ ...file, notes: [] }, { width, isSideBySide }))];
  }

  /** What the agent is to be asked; the person sends it, or changes it first. */
  #prompt(): string {
    const { other } = this.#options;
    const paths = this.#paths.map(({ path, kind }) => `- ${oneLine(path, 200)}: ${conflictKinds[kind]}`);
    return [
      `${oneLine(other, 100)} cannot be merged into this branch, because both changed the same places:`,
      ...paths,
      `Look at how it differs (git diff HEAD...${oneLine(other, 100)}), and change these files here so that they hold what both sides meant.`,
    ].join("\n");
  }
}

function pathLine({ path, kind }: MergeConflict, { width, isChosen }: { width: number; isChosen: boolean }): Line {
  const right: Span = { text: `  ${conflictKinds[kind]}`, style: { role: "muted" } };
  const left: Line = [{ text: isChosen ? "▸ " : "  ", style: { role: "accent" } }, { text: oneLine(path, 300) }];
  const line = clip(
    [...pad(clip(left, Math.max(20, width - right.text.length)), width - right.text.length), right],
    width,
  );
  return isChosen ? line.map(({ text, style }) => ({ text, style: { ...style, behind: "selected" } })) : line;
}

function sideHeads(ours: string, theirs: string, column: number): Line[] {
  const left: Line = clip([{ text: oneLine(ours, 60), style: { role: "removed", bold: true } }], column);
  const right: Span = { text: oneLine(theirs, 60), style: { role: "added", bold: true } };
  return [
    [
      ...left,
      { text: " ".repeat(Math.max(0, column - widthOfLine(left))) },
      { text: " │ ", style: { role: "muted", dim: true } },
      right,
    ],
  ];
}

function unifiedHeads(ours: string, theirs: string): Line[] {
  return [
    [{ text: `- ${oneLine(ours, 60)}`, style: { role: "removed", bold: true } }],
    [{ text: `+ ${oneLine(theirs, 60)}`, style: { role: "added", bold: true } }],
  ];
}
