import { counted } from "../history/amounts.ts";
import type { Page } from "../history/page.ts";
import { oneLine } from "../one-line.ts";
import type { Tab } from "./tab.ts";
import type { TreeBranch, TreeFork } from "./tree.ts";

/** Writes a line for each branch, forks below what they fork. */
export function formatBranches(
  branches: readonly TreeBranch[],
  { tabs, active }: { readonly tabs: readonly Tab[]; readonly active: Tab },
  { look, width }: Page,
): string {
  if (branches.length === 0) return "No branches here yet.\n";
  const line = (branch: TreeBranch | TreeFork, depth: number): string[] => {
    const at = tabs.findIndex(({ agent }) => agent !== undefined && agent.branch === branch.branch);
    const name = oneLine(branch.branch?.replace(/^bough\//, "") ?? branch.session, 60);
    const place = at === -1 ? "" : `tab ${at + 1}`;
    const turns = branch.turns.filter(({ isRewound }) => !isRewound);
    const figures = [
      ...("after" in branch ? [`after turn ${branch.after}`] : []),
      counted(turns.length, "turn"),
      ...(place === "" ? [] : [place]),
    ].join(", ");
    const mark = at !== -1 && tabs[at] === active ? look.accent("▸") : " ";
    const start = `${mark} ${"  ".repeat(depth)}${name}`;
    const prompt = oneLine(
      turns.at(-1)?.prompt ?? "",
      Math.max(0, width - 2 * depth - name.length - figures.length - 8),
    );
    return [
      `${start}  ${look.dim(figures)}${prompt === "" ? "" : `  ${prompt}`}`,
      ...branch.forks.flatMap((fork) => line(fork, depth + 1)),
    ];
  };
  return `${branches.flatMap((branch) => line(branch, 0)).join("\n")}\n`;
}
