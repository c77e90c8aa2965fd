import { findLeftBehind, type Repository } from "@bough/gitstate";
import { type Check, ready, warning } from "./check.ts";

/** Whether killed programs left something. */
export async function checkLeftBehind(repository: Repository): Promise<Check[]> {
  const { cutShort, locks, worktrees } = await findLeftBehind(repository);
  const checks: Check[] = [];
  if (cutShort > 0) {
    checks.push(warning("landing", "A landing was cut short. The next `bough land` finishes it or takes it back"));
  }
  for (const lock of locks) {
    checks.push(warning("lock", `A git that was killed left its lock. If no git is running here: rm '${lock}'`));
  }
  const [gone] = worktrees;
  if (gone !== undefined) {
    const which = worktrees.length === 1 ? gone : `${gone} and ${worktrees.length - 1} more`;
    checks.push(warning("worktree", `git lists a worktree that is gone: ${which}. Run git worktree prune`));
  }
  return checks.length > 0 ? checks : [ready("leftovers", "no lock, landing or worktree is left of a killed program")];
}
