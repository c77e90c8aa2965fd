import { access } from "node:fs/promises";
import { join } from "node:path";
import { RepositoryError } from "./errors.ts";

/** What git leaves in a checkout's git dir while it waits for the user, and how the user gives it up. */
const operations = [
  { file: "MERGE_HEAD", what: "merge", abort: "git merge --abort" },
  { file: "CHERRY_PICK_HEAD", what: "cherry-pick", abort: "git cherry-pick --abort" },
  { file: "REVERT_HEAD", what: "revert", abort: "git revert --abort" },
  { file: "rebase-merge", what: "rebase", abort: "git rebase --abort" },
  { file: "rebase-apply/applying", what: "patch series", abort: "git am --abort" },
  { file: "rebase-apply", what: "rebase", abort: "git rebase --abort" },
] as const;

/** Throws a {@link RepositoryError} when the checkout is in the middle of something that `git status` would name. */
export async function refuseOperationInProgress(gitDir: string): Promise<void> {
  for (const { file, what, abort } of operations) {
    if (!(await exists(join(gitDir, file)))) continue;
    throw new RepositoryError(
      "operation-in-progress",
      `A ${what} is in progress in the checkout. Finish it, or give it up with "${abort}", and try again.`,
    );
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
