import { readdir } from "node:fs/promises";
import { ARCHIVE, BRANCHES, GONE, PENDING } from "./branch-name.ts";
import { RepositoryError } from "./errors.ts";
import type { Repository } from "./repository.ts";

/** The refs of a session that is not archived. */
export interface SessionRefs {
  readonly name: string;
  readonly tip: string;
  readonly pending: string | undefined;
}

/** The ref of a session that is archived. */
export interface ArchivedRef {
  readonly ref: string;
  readonly name: string;
  readonly session: string;
  readonly commit: string;
}

/** The pending ref of a session whose branch somebody deleted. */
export interface AbandonedRef {
  readonly name: string;
  readonly commit: string;
}

/** A name that is not given out again, and whose it was. */
export type GoneRef = Pick<ArchivedRef, "name" | "session">;

/** All refs of bough's in a repository. */
export interface AllSessionRefs {
  readonly sessions: readonly SessionRefs[];
  /** Names that a session has or had, in small letters. */
  readonly taken: ReadonlySet<string>;
  readonly archived: readonly ArchivedRef[];
  readonly abandoned: readonly AbandonedRef[];
  /** Sessions of which a gc left the name only. */
  readonly gone: readonly GoneRef[];
}

/** Reads the refs of every session. */
export async function readSessionRefs(repository: Repository): Promise<AllSessionRefs> {
  const read = await readOnce(repository);
  // The pending ref of a session that is just being made is written first, but git reads it first too: seen without
  // one, the branch is either another clone's or that session's, whose pending ref is there by now.
  return read.sessions.some(({ pending }) => pending === undefined) ? readOnce(repository) : read;
}

async function readOnce(repository: Repository): Promise<AllSessionRefs> {
  const patterns = ["refs/heads/bough", "refs/bough"];
  const { stdout } = await repository.git(["for-each-ref", "--format=%(objectname) %(refname)", ...patterns]);
  const refs = new Map<string, string>();
  for (const line of stdout.toString().split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) refs.set(line.slice(space + 1), line.slice(0, space));
  }
  refuseBlocked(refs.keys());
  const sessions: SessionRefs[] = [];
  const archived: ArchivedRef[] = [];
  const gone: GoneRef[] = [];
  // A folder of that name holds somebody's files, though its branch may be gone.
  const taken = new Set(await readdir(repository.folders.worktrees).catch(() => []));
  for (const [ref, tip] of refs) {
    if (ref.startsWith(BRANCHES)) {
      const name = ref.slice(BRANCHES.length);
      sessions.push({ name, tip, pending: refs.get(PENDING + name) });
      taken.add(name.toLowerCase());
    } else if (ref.startsWith(PENDING)) taken.add(ref.slice(PENDING.length).toLowerCase());
    else if (ref.startsWith(ARCHIVE)) {
      const { name, session } = parseArchived(ref.slice(ARCHIVE.length));
      taken.add(name.toLowerCase());
      archived.push({ ref, name, session, commit: tip });
    } else if (ref.startsWith(GONE)) {
      const named = parseArchived(ref.slice(GONE.length));
      taken.add(named.name.toLowerCase());
      gone.push(named);
    }
  }
  const abandoned = [...refs].flatMap(([ref, commit]) => {
    const name = ref.slice(PENDING.length);
    return ref.startsWith(PENDING) && !refs.has(BRANCHES + name) ? [{ name, commit }] : [];
  });
  return { sessions, taken, archived, abandoned, gone };
}

/** Whether a session's refs are where they were when they were read. */
export async function stillStands(repository: Repository, { name, tip, pending }: SessionRefs): Promise<boolean> {
  const now = await Promise.all([repository.refTip(BRANCHES + name), repository.refTip(PENDING + name)]);
  return now[0] === tip && now[1] === pending;
}

/** Reads `<name>-<session>`: both may hold the hyphen, but in an id it only follows the number of a step. */
function parseArchived(text: string): { name: string; session: string } {
  const session = /[0-9a-z]+(?:\.\d+-\d+)*$/.exec(text)?.[0] ?? "";
  return { name: text.slice(0, -(session.length + 1)), session };
}

/** A ref cannot stand where others stand below it. */
function refuseBlocked(refs: Iterable<string>): void {
  for (const ref of refs) {
    if (ref !== "refs/heads/bough" && ref !== "refs/bough") continue;
    throw new RepositoryError(
      "names-blocked",
      `A ref named ${ref} stands where bough keeps its branches (bough/…). Rename it, as in "git branch -m bough bough-old".`,
    );
  }
}

/** Refuses a repository whose next `git fetch --prune` would delete what bough keeps in it. */
export function refuseMirror(repository: Repository): void {
  for (const { key, value } of repository.config.matching(/^remote\..*\.fetch$/s)) {
    const [start = "", end] = (value.split(":")[1] ?? "").split("*", 2);
    const covers = (refs: string) =>
      end === undefined ? start.startsWith(refs) : start.startsWith(refs) || refs.startsWith(start);
    if (start === "" || ![BRANCHES, PENDING, ARCHIVE, GONE].some(covers)) continue;
    throw new RepositoryError(
      "mirror",
      `This repository mirrors another: ${key} = ${value} would delete bough's branches on the next fetch. Work in an ordinary clone of it.`,
    );
  }
}
