import type { FileChange, LogSteps, SessionLog } from "@bough/gitstate";

/** A branch in the tree: its turns, oldest first, and what forks it. */
export interface TreeBranch {
  readonly session: string;
  /** Undefined when no branch of this repository is the session's. */
  readonly branch: string | undefined;
  readonly turns: readonly TreeTurn[];
  /** Newest first. */
  readonly forks: readonly TreeFork[];
}

/** A branch that begins at a commit of another. */
export interface TreeFork extends TreeBranch {
  /** The turn of its parent that it begins after; 0 when it begins before the first. */
  readonly after: number;
  /** Whether a sub-agent works on it. */
  readonly isSubAgent: boolean;
}

/** One prompt and what came of it. */
export interface TreeTurn {
  readonly turn: number;
  /** Cut where it is long. */
  readonly prompt: string | undefined;
  /** The commit that ends it; undefined while it runs, or was interrupted before its first. */
  readonly commit: string | undefined;
  /** The commit it began at; undefined when that is not known. */
  readonly before: string | undefined;
  readonly date: Date;
  readonly files: readonly FileChange[];
  /** Whether it was taken back by a rewind. */
  readonly isRewound: boolean;
  /** What was merged after it, before the next: branches, and commits of no session's. */
  readonly merged: readonly string[];
  /** Whether what it came to has landed on the user's branch. */
  readonly hasLanded: boolean;
}

/** Puts the log of every session together into the branches that fork no other, the one that moved last first. */
export function treeOf(logs: readonly SessionLog[]): TreeBranch[] {
  const isHere = new Set(logs.map(({ branch }) => branch));
  const parentOf = ({ start, branch }: SessionLog) =>
    start?.forkedFrom !== undefined && start.forkedFrom !== branch && isHere.has(start.forkedFrom)
      ? start.forkedFrom
      : undefined;
  const branchOf = (log: SessionLog): TreeBranch => ({
    session: log.session,
    branch: log.branch,
    turns: turnsOf(log),
    forks: logs
      .filter((other) => log.branch !== undefined && parentOf(other) === log.branch)
      .map((other) => ({ ...branchOf(other), after: turnAt(log, other.start?.commit), isSubAgent: other.subAgent })),
  });
  return logs.filter((log) => parentOf(log) === undefined).map(branchOf);
}

/** Keeps what a text occurs in: branches whose name or turns hold it, with all above them. */
export function filterTree<Branch extends TreeBranch>(branches: readonly Branch[], text: string): Branch[] {
  const wanted = text.trim().toLowerCase();
  const holds = (value: string | undefined) => value?.toLowerCase().includes(wanted) ?? false;
  return branches.flatMap((branch) => {
    const isNamed = holds(branch.branch);
    const turns = isNamed ? branch.turns : branch.turns.filter(({ prompt }) => holds(prompt));
    const forks = isNamed ? branch.forks : filterTree(branch.forks, text);
    return turns.length > 0 || forks.length > 0 || isNamed ? [{ ...branch, turns, forks }] : [];
  });
}

function turnsOf({ entries, start }: SessionLog): TreeTurn[] {
  const turns: TreeTurn[] = [];
  let at = start?.commit;
  for (const entry of entries.toReversed()) {
    const last = turns.at(-1);
    const before = at;
    at = entry.commit ?? at;
    if (entry.type === "outside") {
      if (last === undefined) continue;
      const merged = [...last.merged, ...entry.merged.map(({ branch, commit }) => branch ?? commit)];
      turns.splice(-1, 1, { ...last, merged, hasLanded: last.hasLanded || entry.landings.length > 0 });
      continue;
    }
    const next = { ...turnOf(entry), before };
    // A rewind, or whatever else was decided between turns, is no turn of its own.
    const isTold = entry.steps.some(({ text, tools }) => text !== "" || tools.length > 0);
    if (last !== undefined && !isTold) turns.splice(-1, 1, joined(last, { ...next, isRewound: last.isRewound }));
    else if (last?.turn === entry.turn && last.isRewound === next.isRewound) turns.splice(-1, 1, joined(last, next));
    else turns.push(next);
  }
  return turns;
}

function turnOf({ turn, prompt, commit, date, files, steps, landings }: LogSteps): Omit<TreeTurn, "before"> {
  const isRewound = steps.length > 0 && steps.every(({ rewound }) => rewound);
  return { turn, prompt, commit, date, files, isRewound, merged: [], hasLanded: landings.length > 0 };
}

function joined(earlier: TreeTurn, later: TreeTurn): TreeTurn {
  const paths = new Set(later.files.map(({ path }) => path));
  return {
    ...later,
    prompt: earlier.prompt ?? later.prompt,
    commit: later.commit ?? earlier.commit,
    before: earlier.before,
    files: [...earlier.files.filter(({ path }) => !paths.has(path)), ...later.files],
    merged: [...earlier.merged, ...later.merged],
    hasLanded: earlier.hasLanded || later.hasLanded,
  };
}

function turnAt({ entries }: SessionLog, commit: string | undefined): number {
  const at = entries.findIndex((entry) => entry.commit === commit);
  const before = at === -1 ? undefined : entries.slice(at).find((entry) => entry.type === "steps");
  return before?.turn ?? 0;
}
