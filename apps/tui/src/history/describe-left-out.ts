import type { LeftOut } from "@bough/gitstate";

/** Says what is in no commit, why, and how it would be in the worktree. */
export function describeLeftOut({ path, reason, includeLine }: LeftOut): string {
  const how =
    includeLine === undefined ? "" : `; to have it in the worktree put "${includeLine}" into .worktreeinclude`;
  return `left out of the commits: ${path} (${reason}${how})`;
}
