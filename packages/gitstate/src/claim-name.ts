import { BRANCHES, PENDING } from "./branch-name.ts";
import { RefMovedError } from "./errors.ts";
import type { RefUpdates } from "./ref-updates.ts";
import type { Repository } from "./repository.ts";

/** Names another bough can take between two looks, before something else is wrong. */
const TRIES = 20;

/** A name that is a session's own, and what its refs were made with. */
export interface ClaimedName {
  readonly name: string;
  readonly refs: RefUpdates;
  /** Takes the session's refs away again, when no session came of it. */
  giveBack(): Promise<void>;
}

/** Makes a session's refs under the first of the names that nobody else takes; undefined when there was none. */
export async function claimName(
  repository: Repository,
  { names, tip, pending }: { readonly names: Iterable<string>; readonly tip: string; readonly pending: string },
): Promise<ClaimedName | undefined> {
  const refs = repository.refUpdates();
  let tries = 0;
  try {
    for (const name of names) {
      if (await makeRefs(refs, { name, tip, pending }))
        return { name, refs, giveBack: () => removeRefs(refs, { name, tip, pending }) };
      if (++tries === TRIES) break;
    }
  } catch (error) {
    await refs.close();
    throw error;
  }
  await refs.close();
  return undefined;
}

async function removeRefs(refs: RefUpdates, { name, tip, pending }: { name: string; tip: string; pending: string }) {
  await refs.apply([
    { ref: BRANCHES + name, from: tip, to: undefined },
    { ref: PENDING + name, from: pending, to: undefined },
  ]);
  await refs.close();
}

async function makeRefs(refs: RefUpdates, { name, tip, pending }: { name: string; tip: string; pending: string }) {
  try {
    // In this order: who sees the branch can find out whose it is.
    await refs.apply([
      { ref: PENDING + name, from: undefined, to: pending },
      { ref: BRANCHES + name, from: undefined, to: tip },
    ]);
    return true;
  } catch (error) {
    if (error instanceof RefMovedError) return false;
    throw error;
  }
}
