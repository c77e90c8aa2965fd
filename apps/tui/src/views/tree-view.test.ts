import { expect, test } from "vitest";
import type { TreeBranch, TreeFork, TreeTurn } from "../program/tree.ts";
import { textOf } from "../text/line.ts";
import { widthOfLine } from "../text/wrap.ts";
import { treeRows } from "./tree-rows.ts";
import { treeLine, treeTable } from "./tree-view.ts";

const now = new Date("2026-01-02T12:00:00Z");

function turn(number: number, prompt: string, more: Partial<TreeTurn> = {}): TreeTurn {
  const date = new Date("2026-01-02T11:58:00Z");
  return {
    turn: number,
    prompt,
    commit: `c${number}`,
    before: undefined,
    date,
    files: [],
    isRewound: false,
    merged: [],
    hasLanded: false,
    ...more,
  };
}

function branch(name: string, turns: readonly TreeTurn[], forks: readonly TreeFork[] = []): TreeBranch {
  return { session: name, branch: `bough/${name}`, turns, forks };
}

const fork = (after: number, ...[name, turns, forks]: Parameters<typeof branch>): TreeFork => ({
  ...branch(name, turns, forks),
  after,
  isSubAgent: name.endsWith(".1.1"),
});

const files = [{ path: "a.py", from: undefined, added: 12, removed: 3 }];

/** The tree as it is seen, without the blanks at the ends of rows. */
function shown(branches: readonly TreeBranch[], width: number): string {
  const table = treeTable(treeRows(branches), { tabs: new Map([["bough/httpx.1", 2]]), active: "bough/httpx", now });
  const lines = table.rows.map((_, index) => treeLine(table, index, { width, isChosen: false }));
  for (const line of lines) expect(widthOfLine(line)).toBeLessThanOrEqual(width);
  return `\n${lines.map((line) => textOf(line).trimEnd()).join("\n")}\n`;
}

test("time goes down, and a fork has a lane from where it begins to where it is merged", () => {
  const child = fork(2, "httpx.1.1", [turn(3, "only the client")]);
  const merged = fork(1, "httpx.1", [turn(2, "use asyncio", { files })], [child]);
  const other = fork(1, "httpx.2", [turn(2, "keep requests, but pin it")]);
  const turns = [
    turn(1, "replace requests by httpx", { files }),
    turn(2, "add tests", { merged: ["bough/httpx.1"], hasLanded: true }),
    turn(3, "and docs", { isRewound: true }),
  ];
  const tree = [branch("httpx", turns, [other, merged]), branch("typo", [turn(1, "mend a typo")])];
  expect(shown(tree, 60)).toBe(`
● httpx                                     3 turns
◆ 1  replace requests by httpx                       +12  −3
├─╮ httpx.1                                 tab 2
│ ◆ 2  use asyncio                                   +12  −3
│ ├─╮ httpx.1.1  sub-agent                  1 turn
│ │ ◆ 3  only the client
├─┼─╮ httpx.2                               1 turn
│ │ ◆ 2  keep requests, but pin it
◆ │ 2  add tests                            landed
├─╯ merged httpx.1
◇ 3  and docs                               rewound
● typo                                      1 turn
◆ 1  mend a typo
`);
});

test("on a wide screen ages have a column too, and on a narrow one what is long is cut", () => {
  const tree = [branch("httpx", [turn(1, "replace requests by httpx everywhere, with tests", { files })])];
  expect(shown(tree, 90)).toContain("1 turn           2 min ago\n");
  expect(shown(tree, 40)).toContain("◆ 1  replace requests…           +12  −3\n");
});

test("two thousand turns and forks are drawn, each wherever it begins", () => {
  const forks = Array.from({ length: 1000 }, (_, i) => fork(i, `work.${i}`, [turn(i + 1, "try")]));
  const rows = treeRows([
    branch(
      "work",
      Array.from({ length: 1000 }, (_, i) => turn(i + 1, "go on")),
      forks,
    ),
  ]);
  expect(rows).toHaveLength(1 + 1000 + 2 * 1000);
  expect(Math.max(...rows.map(({ graph }) => graph.before.length + graph.after.length))).toBeLessThan(10);
});
