import { readCommit, writeCommit } from "./commit-object.ts";
import { formatMessage } from "./message.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Identity } from "./repository.ts";
import type { StepRecord } from "./step-record.ts";

/** The subject by which a commit of the pending ref is told from one of a branch. */
export const PENDING_SUBJECT = "Records that no commit holds yet";

/** Writes records as a commit that changes nothing, for the pending ref. */
export async function writePendingRecords(
  objects: ObjectStore,
  { records, parent, by }: { readonly records: readonly StepRecord[]; readonly parent: string; readonly by: Identity },
): Promise<string> {
  const { tree, committedAt } = await readCommit(objects, parent);
  return writeCommit(objects, {
    tree,
    parents: [parent],
    author: by,
    committer: by,
    committedAt: Math.max(Math.floor(Date.now() / 1000), committedAt),
    message: formatMessage({ subject: PENDING_SUBJECT, records }),
  });
}
