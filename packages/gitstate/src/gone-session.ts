import { GONE } from "./branch-name.ts";
import { writeCommit } from "./commit-object.ts";
import type { ObjectStore } from "./object-store.ts";
import type { RefUpdate } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";
import type { GoneRef } from "./session-refs.ts";

const BOUGH = { name: "bough", email: "bough@localhost" };

/**
 * Writes what keeps a session's name and id from being given out again once nothing else is left of it: a ref at a commit
 * without files, the same for all, so that it weighs nothing.
 */
export async function keepName(
  repository: Repository,
  objects: ObjectStore,
  { name, session }: GoneRef,
): Promise<RefUpdate[]> {
  const ref = `${GONE}${name}-${session}`;
  // One that came back from another clone may go a second time.
  if ((await repository.refTip(ref)) !== undefined) return [];
  const commit = await writeCommit(objects, {
    tree: await objects.write("tree", Buffer.alloc(0)),
    parents: [],
    author: BOUGH,
    committer: BOUGH,
    committedAt: 0,
    message: "The name of a session that gc removed\n",
  });
  return [{ ref, from: undefined, to: commit }];
}
