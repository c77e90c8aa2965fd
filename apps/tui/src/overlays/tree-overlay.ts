import { Repository, readDiff, readLog } from "@bough/gitstate";
import { Editor } from "../editor/editor.ts";
import type { OverlayAction } from "../keys/actions.ts";
import { filterTree, type TreeBranch, treeOf } from "../program/tree.ts";
import type { Line } from "../text/line.ts";
import { type TreeRow, treeRows } from "../views/tree-rows.ts";
import { type TreeTable, treeLine, treeTable } from "../views/tree-view.ts";
import { DiffOverlay } from "./diff-overlay.ts";
import type { Overlay, OverlayField, OverlayHost } from "./overlay.ts";
import { openLanding, openMerge, openRewind } from "./previews.ts";
import { Rows } from "./rows.ts";

/** Opens the tree of all branches and their turns, at the one that the tab is at. */
export async function openTree(host: OverlayHost): Promise<void> {
  const logs = await readLog(await Repository.open(host.program.cwd), { all: true });
  if (logs.length === 0) host.say("There are no branches here yet");
  else host.open(new TreeOverlay(treeOf(logs), host));
}

/** All branches and their turns as a graph. */
class TreeOverlay implements Overlay {
  readonly place = "tree";
  readonly #branches: readonly TreeBranch[];
  readonly #host: OverlayHost;
  readonly #rows = new Rows({ hasChoice: true });
  #filter: Editor | undefined;
  #isTyping = false;
  #shown: { readonly filter: string; readonly table: TreeTable } | undefined;

  constructor(branches: readonly TreeBranch[], host: OverlayHost) {
    this.#branches = branches;
    this.#host = host;
    const { rows, active } = this.#table();
    const at = rows.findLastIndex((row) => row.branch.branch === active && row.type === "turn");
    this.#rows.goTo(Math.max(0, at));
  }

  get field(): OverlayField | undefined {
    if (!this.#isTyping || this.#filter === undefined) return undefined;
    return { editor: this.#filter, placeholder: "Filter: what a branch or a prompt holds" };
  }

  lines(width: number, rows: number): readonly Line[] {
    const table = this.#table();
    if (table.rows.length === 0) return [[{ text: "Nothing holds that.", style: { role: "muted" } }]];
    const { start, end } = this.#rows.seen(table.rows.length, rows);
    const { chosen } = this.#rows;
    return Array.from({ length: end - start }, (_, i) =>
      treeLine(table, start + i, { width, isChosen: start + i === chosen }),
    );
  }

  scroll(rows: number): void {
    this.#rows.scroll(rows);
  }

  endField(holds: boolean): void {
    this.#isTyping = false;
    if (!holds || this.#filter?.isEmpty) this.#filter = undefined;
  }

  act(action: OverlayAction): void {
    if (this.#rows.act(action)) return;
    if (action === "tree-filter") {
      this.#filter ??= new Editor();
      this.#isTyping = true;
      return;
    }
    if (action === "list-close") {
      if (this.#filter === undefined) this.#host.close();
      this.#filter = undefined;
      return;
    }
    const row = this.#table().rows[this.#rows.chosen];
    if (row !== undefined) this.#host.run(() => this.#actOn(row, action));
  }

  async #actOn(row: TreeRow, action: OverlayAction): Promise<void> {
    const host = this.#host;
    const { branch, session } = row.branch;
    if (branch === undefined) throw new Error(`Session ${session} has no branch here.`);
    const turn = row.type === "turn" ? row.turn : undefined;
    switch (action) {
      case "tree-open":
        host.closeAll();
        await host.program.resume(branch);
        break;
      case "tree-fork":
        host.closeAll();
        await host.program.forkBranch(branch, turn?.commit === undefined ? {} : { after: turn.commit });
        break;
      case "tree-merge":
        await openMerge(host, host.tab, isLast(row) ? branch : (turn?.commit ?? branch));
        break;
      case "tree-diff":
        await this.#diff(branch, turn);
        break;
      case "tree-rewind":
        if (turn?.commit === undefined) throw new Error("Choose the turn to go back to.");
        await openRewind(host, branch, turn.commit);
        break;
      case "tree-land":
        await openLanding(host, branch, {});
        break;
      default:
    }
  }

  async #diff(
    branch: string,
    turn: { readonly before: string | undefined; readonly commit: string | undefined } | undefined,
  ) {
    const sides = [turn?.before, turn?.commit].filter((commit) => commit !== undefined);
    const repository = await Repository.open(this.#host.program.cwd);
    const diff = await readDiff(repository, turn === undefined ? [branch] : sides);
    this.#host.open(new DiffOverlay(diff, this.#host));
  }

  #table(): TreeTable {
    const filter = this.#filter?.text ?? "";
    if (this.#shown?.filter !== filter) {
      const { program, tab } = this.#host;
      const tabs = new Map(
        program.tabs.flatMap(({ agent }, at) => (agent === undefined ? [] : [[agent.branch, at + 1]])),
      );
      const rows = treeRows(filterTree(this.#branches, filter));
      this.#shown = { filter, table: treeTable(rows, { tabs, active: tab.agent?.branch, now: new Date() }) };
    }
    return this.#shown.table;
  }
}

/** Whether nothing came after it on its branch. */
function isLast(row: TreeRow): boolean {
  return row.type !== "turn" || row.branch.turns.at(-1) === row.turn;
}
