import type { LeftOut } from "@bough/gitstate";

/** Says what no commit takes, why, and how to have it in the worktree all the same. */
export function leftOutLine({ path, reason, includeLine }: LeftOut): string {
  const how =
    includeLine === undefined ? "" : `; to have it in the worktree put "${includeLine}" into .worktreeinclude`;
  return `left out of the commits: ${path} (${reason}${how})`;
}
