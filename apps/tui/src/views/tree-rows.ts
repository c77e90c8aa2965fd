import type { TreeBranch, TreeFork, TreeTurn } from "../program/tree.ts";

/** One row of the graph: what is drawn of it, and what it is about. */
export type TreeRow = { readonly graph: Graph; readonly branch: TreeBranch | TreeFork } & (
  | { readonly type: "branch" }
  | { readonly type: "turn"; readonly turn: TreeTurn }
  /** A branch, or a commit of no session's, that went in here. */
  | { readonly type: "merge"; readonly from: string }
);

/** Lanes as they are drawn, with the node of the row among them, if there is one. */
export interface Graph {
  readonly before: string;
  readonly node: string;
  readonly after: string;
}

/** What happens on a branch, in order. */
type Item =
  | { readonly type: "turn"; readonly turn: TreeTurn }
  | { readonly type: "fork"; readonly fork: TreeFork }
  | { readonly type: "merge"; readonly from: string };

/** Draws branches as a graph: time goes down, a fork has a lane of its own from where it begins to where it is merged. */
export function treeRows(branches: readonly TreeBranch[]): TreeRow[] {
  const graph = new LaneGraph();
  for (const branch of branches) graph.addRoot(branch);
  return graph.rows;
}

class LaneGraph {
  readonly rows: TreeRow[] = [];
  /** Which lanes go on below the last row. */
  readonly #isLive: boolean[] = [];
  /** How often a branch with a lane is still to be merged into the one it forks, and which lane it has. */
  readonly #toMerge = new Map<string, { readonly lane: number; left: number }>();

  addRoot(branch: TreeBranch): void {
    this.#isLive[0] = branch.turns.length + branch.forks.length > 0;
    this.rows.push({ type: "branch", branch, graph: { before: "", node: "●", after: " " } });
    this.#addItems(branch, 0);
  }

  #addItems(branch: TreeBranch | TreeFork, lane: number): void {
    const items = itemsOf(branch);
    for (const [index, item] of items.entries()) {
      const goesOn = index < items.length - 1 || this.#isMergedLater(branch);
      switch (item.type) {
        case "turn": {
          const node = item.turn.isRewound ? "◇" : "◆";
          this.rows.push({ type: "turn", branch, turn: item.turn, graph: this.#node(lane, node) });
          this.#isLive[lane] = goesOn;
          break;
        }
        case "fork":
          this.#addFork(item.fork, lane, { goesOn, merges: mergesOf(branch, item.fork) });
          break;
        case "merge":
          this.rows.push({ type: "merge", branch, from: item.from, graph: this.#merge(item.from, lane, goesOn) });
          this.#isLive[lane] = goesOn;
          break;
        default:
          item satisfies never;
      }
    }
  }

  #addFork(
    fork: TreeFork,
    from: number,
    { goesOn, merges }: { readonly goesOn: boolean; readonly merges: number },
  ): void {
    const lane = this.#freeLane(from);
    const graph = this.#link({ from, to: lane, begin: goesOn ? "├" : "╰", end: "╮" });
    if (merges > 0 && fork.branch !== undefined) this.#toMerge.set(fork.branch, { lane, left: merges });
    this.#isLive[from] = goesOn;
    this.#isLive[lane] = fork.turns.length + fork.forks.length > 0 || merges > 0;
    this.rows.push({ type: "branch", branch: fork, graph });
    this.#addItems(fork, lane);
  }

  #freeLane(from: number): number {
    let lane = from + 1;
    while (this.#isLive[lane] === true) lane += 1;
    return lane;
  }

  #isMergedLater({ branch }: TreeBranch): boolean {
    return (this.#toMerge.get(branch ?? "")?.left ?? 0) > 0;
  }

  #node(lane: number, node: string): Graph {
    return {
      before: this.#lanes(0, lane),
      node,
      after: ` ${this.#lanes(lane + 1, this.#isLive.length)}`.trimEnd() + " ",
    };
  }

  /** What is merged comes in from its lane, if it has one. */
  #merge(from: string, lane: number, goesOn: boolean): Graph {
    const merged = this.#toMerge.get(from);
    const begin = goesOn ? "├" : "╰";
    if (merged === undefined || merged.left === 0 || merged.lane <= lane) {
      return {
        before: this.#lanes(0, lane),
        node: "",
        after: `${begin}─ ${this.#lanes(lane + 1, this.#isLive.length).slice(1)}`,
      };
    }
    merged.left -= 1;
    const graph = this.#link({ from: lane, to: merged.lane, begin, end: merged.left > 0 ? "┤" : "╯" });
    this.#isLive[merged.lane] = merged.left > 0;
    return graph;
  }

  /** A line from a lane to one on its right, over those between. */
  #link({ from, to, begin, end }: { from: number; to: number; begin: string; end: string }): Graph {
    const between = Array.from({ length: to - from - 1 }, (_, i) => (this.#isLive[from + 1 + i] ? "┼─" : "──")).join(
      "",
    );
    const right = this.#lanes(to + 1, this.#isLive.length);
    return { before: this.#lanes(0, from), node: "", after: `${begin}─${between}${end} ${right}`.trimEnd() + " " };
  }

  #lanes(start: number, end: number): string {
    let drawn = "";
    for (let lane = start; lane < end; lane++) drawn += this.#isLive[lane] === true ? "│ " : "  ";
    return drawn;
  }
}

/** A fork comes after the turn it begins after, or where that would stand. */
function itemsOf({ turns, forks }: TreeBranch): Item[] {
  const items: Item[] = [];
  let left = forks.toReversed();
  for (const turn of turns) {
    const before = left.filter(({ after }) => after < turn.turn);
    left = left.filter(({ after }) => after >= turn.turn);
    items.push(...before.map((fork): Item => ({ type: "fork", fork })), { type: "turn", turn });
    const here = left.filter(({ after }) => after === turn.turn);
    if (turn.merged.length === 0) continue;
    left = left.filter((fork) => !here.includes(fork));
    items.push(...here.map((fork): Item => ({ type: "fork", fork })));
    items.push(...turn.merged.map((from): Item => ({ type: "merge", from })));
  }
  return [...items, ...left.map((fork): Item => ({ type: "fork", fork }))];
}

/** How often a fork is merged into the branch that it forks, after it began. */
function mergesOf({ turns }: TreeBranch, { branch, after }: TreeFork): number {
  return turns
    .filter(({ turn }) => turn >= after)
    .reduce((count, { merged }) => count + merged.filter((from) => from === branch).length, 0);
}
