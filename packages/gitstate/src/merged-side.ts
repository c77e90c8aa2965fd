import { readHistoryCommit } from "./history.ts";
import type { Reading } from "./reading.ts";
import type { SessionChain } from "./session-chain.ts";

/** A commit that a merge brought in. */
export interface MergedSide {
  readonly commit: string;
  /** The session whose step it is; undefined for any other commit. */
  readonly session: string | undefined;
  /** Undefined when no branch of this repository is the session's. */
  readonly branch: string | undefined;
}

/** Finds what the merges of chains brought in, by the commit that came in; `branches` are those of the sessions here. */
export async function findMergedSides(
  { objects }: Reading,
  chains: readonly SessionChain[],
  branches: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, MergedSide>> {
  const commits = new Set(chains.flatMap((chain) => chain.commits.flatMap(({ parents }) => parents.slice(1))));
  const sides = await Promise.all(
    Array.from(commits, async (commit) => {
      const { records } = await readHistoryCommit(objects, commit);
      const session = records.at(-1)?.session;
      return { commit, session, branch: branches.get(session ?? "") };
    }),
  );
  return new Map(sides.map((side) => [side.commit, side]));
}
