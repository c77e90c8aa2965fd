import { refuseUnmerged, type Snapshot, snapshotTrees } from "./base.ts";
import { type Landable, type LandingSides, landingSides } from "./landing-base.ts";
import type { Reading } from "./reading.ts";
import type { Repository } from "./repository.ts";

/**
 * Looks at the user's checkout, of whose index the private git dir has a copy, and at the same time finds what the session
 * changed. Throws a `RepositoryError` when the checkout has unresolved conflicts.
 */
export async function lookAtBoth(
  repository: Repository,
  reading: Reading,
  { session, onto }: { readonly session: Landable; readonly onto: string | undefined },
): Promise<{ readonly now: Snapshot; readonly sides: LandingSides }> {
  const looking = snapshotTrees(repository, reading.objects, reading.gitDir).catch(async (error: unknown) => {
    await refuseUnmerged(reading.gitDir, "Resolve them first.");
    throw error;
  });
  const finding = landingSides(repository, reading, { session, onto });
  // Both to their end, also when one fails: what they work with must not go while they do.
  await Promise.allSettled([looking, finding]);
  return { now: await looking, sides: await finding };
}
