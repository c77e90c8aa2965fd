import type { Repository } from "./repository.ts";
import { readSessionRefs, refuseMirror } from "./session-refs.ts";

/**
 * Sees whether bough's branches have a place in a repository; throws a {@link RepositoryError} when another ref stands
 * there, or the next fetch would delete them.
 */
export async function refuseWithoutRoom(repository: Repository): Promise<void> {
  refuseMirror(repository);
  await readSessionRefs(repository);
}
