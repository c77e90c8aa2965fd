import { join } from "node:path";
import { copyIndex } from "./base.ts";
import { sortedForPeople } from "./byte-path.ts";
import { doesMergingHelp, type Landable } from "./landing-base.ts";
import { lookAtBoth } from "./landing-sides.ts";
import { merge3 } from "./merge3.ts";
import { refuseOperationInProgress } from "./operation-in-progress.ts";
import { planFiles } from "./plan-files.ts";
import { type Reading, withReading } from "./reading.ts";
import { tellRecovered } from "./recover-landing.ts";
import type { Repository } from "./repository.ts";
import { writeFiles } from "./write-files.ts";

/** What came of applying a session's changes to the user's checkout. */
export type ApplyResult =
  /** The files that were written or removed; with `preview`, those that would be. */
  | { readonly type: "applied"; readonly paths: readonly string[] }
  /** The user changed the same places; nothing was touched. */
  | {
      readonly type: "conflict";
      readonly paths: readonly string[];
      /** Whether it can help to commit what is not committed and merge the branch into the session. */
      readonly mergingHelps: boolean;
    }
  /** The checkout holds all that the session did. */
  | { readonly type: "up-to-date" };

/**
 * Merges what a session changed since its base, or since it was landed last, into the files of the user's checkout, as uncommitted edits: index and
 * refs are not touched. All of it is written or nothing is. Throws a {@link RepositoryError} when the checkout is in
 * the middle of a merge or the like, or when a file that git does not know stands where a new one has to go, and a
 * {@link CheckoutWriteError} when writing fails.
 */
export async function applyToCheckout(
  repository: Repository,
  session: Landable,
  { preview = false, onNotice }: { preview?: boolean; onNotice?: ((text: string) => void) | undefined } = {},
): Promise<ApplyResult> {
  await tellRecovered(repository, onNotice);
  await refuseOperationInProgress(repository.gitDir);
  const apply = async ({ gitDir: checkout, objects }: Reading): Promise<ApplyResult> => {
    await copyIndex(join(repository.gitDir, "index"), checkout.index);
    const reading = { gitDir: checkout, objects };
    const { commit: onto } = await repository.head();
    const { now, sides } = await lookAtBoth(repository, reading, { session, onto });
    const { base, theirs } = sides;
    const merged = await merge3(reading, { base, ours: now.tree, theirs });
    if (merged.type === "conflict") {
      const mergingHelps = await doesMergingHelp(repository, reading, { session, onto, sides });
      return { type: "conflict", paths: sortedForPeople(merged.paths), mergingHelps };
    }
    const replacements = await planFiles(repository.root, now, merged.tree);
    if (replacements.length === 0) return { type: "up-to-date" };
    if (!preview) await (await writeFiles(repository, merged.tree, replacements)).keep();
    return { type: "applied", paths: sortedForPeople(replacements.map(({ path }) => path)) };
  };
  return withReading(repository, apply, repository.root);
}
