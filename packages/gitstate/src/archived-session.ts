import { readCommit, writeCommit } from "./commit-object.ts";
import type { FoundSession } from "./find-session.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Reading } from "./reading.ts";
import type { Identity } from "./repository.ts";
import type { ArchivedRef, SessionRefs } from "./session-refs.ts";

/** A session that is archived: one ref leads to all that its branch and its pending ref led to. */
export interface ArchivedSession extends FoundSession {
  readonly archived: ArchivedRef;
  readonly archivedAt: Date;
}

/** Whether a session that was found has to be brought back before it can be gone on with. */
export function isArchived(session: FoundSession | ArchivedSession): session is ArchivedSession {
  return "archived" in session;
}

/**
 * Writes the commit that an archive ref stands at, on top of the branch's tip and, where that is another commit, of the
 * pending one. Its date says since when the session is archived.
 */
export async function writeArchiveCommit(
  objects: ObjectStore,
  { name, tip, pending = tip }: SessionRefs,
  by: Identity,
): Promise<string> {
  const { tree, committedAt } = await readCommit(objects, tip);
  return writeCommit(objects, {
    tree,
    parents: pending === tip ? [tip] : [tip, pending],
    author: by,
    committer: by,
    committedAt: Math.max(Math.floor(Date.now() / 1000), committedAt),
    message: `${subjectOf(name)}\n`,
  });
}

/** Takes archived sessions apart into what their branch and their pending ref stood at. */
export function findArchived({ objects }: Reading, refs: readonly ArchivedRef[]): Promise<ArchivedSession[]> {
  return Promise.all(
    refs.map(async (archived) => {
      const { name, session: id, commit } = archived;
      const { message, parents, committedAt } = await readCommit(objects, commit);
      const [first, second = first] = parents;
      // Other hands may have put the ref at the tip itself.
      const isOurs = message === `${subjectOf(name)}\n` && parents.length <= 2;
      const refs = isOurs && first !== undefined ? { tip: first, pending: second } : { tip: commit, pending: commit };
      return { name, id, ...refs, archived, archivedAt: new Date(committedAt * 1000) };
    }),
  );
}

function subjectOf(name: string): string {
  return `Archive of bough/${name}`;
}
