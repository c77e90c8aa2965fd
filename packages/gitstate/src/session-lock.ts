import { mkdir, mkdtemp, readdir, readlink, rename, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { RepositoryError } from "./errors.ts";
import type { Repository } from "./repository.ts";
import { hasEnded, type ProcessIdentity, thisProcess } from "./running-process.ts";

/** The right to write to a session, which one opener has at a time. */
export interface SessionLock {
  /** Whether the process that had it before died without letting go. */
  readonly afterCrash: boolean;
  release(): Promise<void>;
}

/** Who has a session open. */
interface Holder extends ProcessIdentity {
  readonly since: Date;
  /** Where its number means anything: a container counts its processes anew. Empty where there are no such. */
  readonly pidNamespace: string;
  readonly host: string;
}

/**
 * Takes the lock of a session, also from a process that died with it. Throws a {@link RepositoryError} that says who
 * has the session open.
 */
export async function lockSession(repository: Repository, name: string): Promise<SessionLock> {
  const folder = lockFolder(repository, name);
  const own = await newHolder();
  const entry = formatHolder(own);
  const release = async () => {
    await succeeds(unlink(join(folder, entry)), ["ENOENT", "ENOTDIR"]);
    await succeeds(rmdir(folder), ["ENOENT", ...NOT_EMPTY]);
  };
  await sweepDrafts(dirname(folder), own);
  // It goes round once more only when somebody else took it, or let go of it, at the same time.
  for (;;) {
    if (await create(folder, entry)) return { afterCrash: false, release };
    const found = await readEntry(folder);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder === undefined) throw unreadable(name, folder);
    if (!(await isDead(holder, own))) throw heldBy(holder, { name, folder, own });
    // Of several who try, one finds the dead one's entry to rename.
    if (await succeeds(rename(join(folder, found), join(folder, entry)), ["ENOENT"])) {
      return { afterCrash: true, release };
    }
  }
}

/** Whether a process that may be alive has the session open. */
export async function isHeld(repository: Repository, name: string): Promise<boolean> {
  const found = await readEntry(lockFolder(repository, name));
  if (found === undefined) return false;
  const holder = parseHolder(found);
  return holder === undefined || !(await isDead(holder, await newHolder()));
}

function lockFolder({ commonDir }: Repository, name: string): string {
  return join(commonDir, "bough", `${name}.lock`);
}

/** What the names of locks begin with that are just being made, and the milliseconds after which none is any more. */
const DRAFT = ".new-";
const DRAFT_LIFETIME = 60_000;

const NOT_EMPTY = ["ENOTEMPTY", "EEXIST"];

/** Makes the lock as a whole, with the entry in it; resolves to false when somebody has it. */
async function create(folder: string, entry: string): Promise<boolean> {
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(join(dirname(folder), DRAFT));
  try {
    await writeFile(join(draft, entry), "");
    // A folder can be renamed to where there is none, or an empty one.
    return await succeeds(rename(draft, folder), [...NOT_EMPTY, "ENOTDIR"]);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Removes what processes left that were killed while they made a lock. */
async function sweepDrafts(locks: string, own: Holder): Promise<void> {
  const names = (await readdir(locks).catch(() => [])).filter((name) => name.startsWith(DRAFT));
  const sweep = async (draft: string) => {
    const [entry] = await readdir(draft);
    const holder = entry === undefined ? undefined : parseHolder(entry);
    const isLeft = holder === undefined ? await isOld(draft) : await isDead(holder, own);
    if (isLeft) await rm(draft, { recursive: true, force: true });
  };
  // Another bough may have been quicker.
  await Promise.all(names.map((name) => sweep(join(locks, name)).catch(() => {})));
}

async function isOld(draft: string): Promise<boolean> {
  return Date.now() - (await stat(draft)).mtimeMs > DRAFT_LIFETIME;
}

async function readEntry(folder: string): Promise<string | undefined> {
  try {
    const entries = await readdir(folder);
    // A file browser may have left its own there.
    return entries.find((entry) => parseHolder(entry) !== undefined) ?? entries[0];
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ENOTDIR") return "";
    throw error;
  }
}

async function newHolder(): Promise<Holder> {
  const [identity, pidNamespace] = await Promise.all([thisProcess(), readlink("/proc/self/ns/pid").catch(() => "")]);
  // It is to be part of a file's name.
  const host = hostname()
    .replace(/[^\w.-]/g, "_")
    .slice(0, 100);
  return { ...identity, since: new Date(), pidNamespace: pidNamespace.replace(/\D/g, ""), host };
}

/** The name of the one file in a lock, so that whoever takes it over has to name whom from. */
function formatHolder({ pid, startTime, since, pidNamespace, host }: Holder): string {
  return [pid, startTime, since.getTime(), pidNamespace, host].join("-");
}

function parseHolder(entry: string): Holder | undefined {
  const [, pid, startTime = "", since, pidNamespace = "", host = ""] =
    /^([1-9]\d{0,9})-(\d*)-(\d{1,15})-(\d*)-(.*)$/.exec(entry) ?? [];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), startTime, since: new Date(Number(since)), pidNamespace, host };
}

function isFromHere({ host, pidNamespace }: Holder, own: Holder): boolean {
  return host === own.host && pidNamespace === own.pidNamespace;
}

async function isDead(holder: Holder, own: Holder): Promise<boolean> {
  return isFromHere(holder, own) && (await hasEnded(holder));
}

function heldBy(holder: Holder, { name, folder, own }: { name: string; folder: string; own: Holder }): RepositoryError {
  const since = `since ${holder.since.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const fork = `or work beside it on a fork: bough branch --from bough/${name} "<prompt>"`;
  if (!isFromHere(holder, own)) {
    return refusal(
      `bough/${name} is open in process ${holder.pid} on host "${holder.host}" ${since}, and it cannot be seen from here whether that still runs. Close it there, ${fork}. If it is gone for good, delete ${folder}.`,
    );
  }
  const isOurs = holder.pid === own.pid && holder.startTime === own.startTime;
  const who = isOurs ? "this process" : `process ${holder.pid}`;
  return refusal(
    `bough/${name} is open in ${who} on this host ("${own.host}") ${since}, and a session has one writer at a time. Wait for it or close it there, ${fork}.`,
  );
}

function unreadable(name: string, folder: string): RepositoryError {
  return refusal(
    `bough/${name} is locked, and who holds it cannot be read from ${folder}. Delete that when no program has the session open.`,
  );
}

function refusal(message: string): RepositoryError {
  return new RepositoryError("session-held", message);
}

/** Whether it was done; false when it failed for one of these reasons. */
async function succeeds(work: Promise<unknown>, unless: readonly string[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (unless.includes(codeOf(error))) return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
