import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { copyIndex } from "./base.ts";
import { type CommitObject, readCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { type CutShort, discardFolder, FILES_FOLDER, findCutShort } from "./files-journal.ts";
import { IndexLock } from "./index-lock.ts";
import { writeLandedIndex } from "./landed-index.ts";
import { TIP_TRAILER } from "./landing-base.ts";
import { LANDING_FOLDER, LandingFolder, type LandingPlan } from "./landing-folder.ts";
import { namedHasEnded } from "./process-file.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { lockSession, type SessionLock } from "./session-lock.ts";
import { type PutBack, undoFiles } from "./undo-files.ts";

/** What became of a landing, or of applying, that was killed in the middle. */
export type RecoveredLanding =
  | { readonly type: "finished"; readonly commit: string }
  | ({ readonly type: "undone" } & PutBack);

/** Milliseconds a `git commit` that outlived its bough is waited for: its hooks may take a while. */
const PATIENCE = 10_000;
const LOOK_AGAIN = 25;

/**
 * Finishes what a killed process was landing on the checkout, if it came to the commit, and otherwise takes it back:
 * files, index and refs are then as they were before it. What somebody changed since is left as it is and named.
 * Throws a {@link RepositoryError} while the `git commit` that it started still runs.
 */
export async function recoverLandings(repository: Repository): Promise<RecoveredLanding[]> {
  const names = await readdir(repository.gitDir);
  if (!names.some((name) => name.startsWith(LANDING_FOLDER) || name.startsWith(FILES_FOLDER))) return [];
  const lock = await lockRecovery(repository);
  try {
    return await recoverAll(repository);
  } finally {
    await lock.release();
  }
}

/** Two that put the same files back at once would each take the other's for somebody's. */
async function lockRecovery(repository: Repository): Promise<SessionLock> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      // A session's name has no capitals, so this can be none of theirs.
      return await lockSession(repository, "RECOVERY");
    } catch (error) {
      if (!(error instanceof RepositoryError) || error.reason !== "session-held") throw error;
      if (Date.now() > deadline) throw beingRecovered(error);
      await sleep(LOOK_AGAIN);
    }
  }
}

function beingRecovered(cause: RepositoryError): RepositoryError {
  return new RepositoryError(
    "operation-in-progress",
    "Another bough is taking back a landing that was cut short in the checkout. Try again when it is done.",
    { cause },
  );
}

async function recoverAll(repository: Repository): Promise<RecoveredLanding[]> {
  const { gitDir } = repository;
  const landings = await LandingFolder.findLeft(gitDir);
  for (const { committer } of landings) await waitForCommitter(committer);
  const cutShort = await findCutShort(gitDir);
  const recovered: RecoveredLanding[] = [];
  for (const folder of landings) {
    const files = cutShort.filter(({ journal }) => journal.landing === folder.path);
    const result = await recoverLanding(repository, folder, files);
    if (result !== undefined) recovered.push(result);
  }
  const others = cutShort.filter(({ journal }) => !landings.some(({ path }) => path === journal.landing));
  for (const other of others) recovered.push({ type: "undone", ...(await undoFiles(other)) });
  return recovered;
}

/** Recovers, and tells in a line each what became of what. */
export async function tellRecovered(repository: Repository, tell: (text: string) => void = () => {}): Promise<void> {
  for (const recovered of await recoverLandings(repository)) tell(describeRecovery(recovered));
}

/** Says in a line what became of it. */
export function describeRecovery(recovered: RecoveredLanding): string {
  if (recovered.type === "finished") {
    return `A landing that was cut short is finished: it had come to its commit, ${recovered.commit.slice(0, 9)}.`;
  }
  const { left, kept } = recovered;
  if (left.length === 0) return "A landing that was cut short was taken back: the checkout is as it was before it.";
  const old = kept === undefined ? "" : `; what they replaced is in ${kept}`;
  return `A landing that was cut short was taken back, but for what changed since and stays: ${left.join(", ")}${old}.`;
}

async function recoverLanding(
  repository: Repository,
  folder: LandingFolder,
  files: readonly CutShort[],
): Promise<RecoveredLanding | undefined> {
  const plan = await folder.read();
  const landed = plan === undefined ? undefined : await findLanded(repository, plan);
  if (plan !== undefined && landed !== undefined) {
    await finish(repository, folder, { plan, landed });
    for (const cutShort of files) await discardFolder(cutShort.folder);
  }
  const undone: PutBack[] = [];
  if (landed === undefined) for (const cutShort of files) undone.push(await undoFiles(cutShort));
  await IndexLock.removeLeft(repository.gitDir, folder.holder);
  await folder.remove();
  if (landed !== undefined) return { type: "finished", commit: landed.id };
  // Without a plan nothing had been touched but the lock.
  if (plan === undefined) return undefined;
  return { type: "undone", left: undone.flatMap(({ left }) => left), kept: undone.find(({ kept }) => kept)?.kept };
}

interface Landed extends CommitObject {
  readonly id: string;
}

/** Finds the commit that the landing made, by what it says or holds. */
export async function findLanded(repository: Repository, plan: LandingPlan): Promise<Landed | undefined> {
  const { commit: now } = await repository.head();
  if (now === undefined || now === plan.head) return undefined;
  const since = plan.head === undefined ? [] : [`^${plan.head}`];
  const { stdout } = await repository.git(["rev-list", "--first-parent", now, ...since]);
  const id = stdout.toString().trimEnd().split("\n").at(-1) ?? "";
  if (id === "") return undefined;
  const commit = await withReading(repository, ({ objects }) => readCommit(objects, id));
  if (commit.parents[0] !== plan.head) return undefined;
  const isIt = commit.tree === plan.toCommit || commit.message.includes(`\n${TIP_TRAILER}: ${plan.tip}`);
  return isIt ? { ...commit, id } : undefined;
}

/** The files are all there when it comes to the commit; the index follows, unless somebody staged since. */
async function finish(
  repository: Repository,
  folder: LandingFolder,
  { plan, landed }: { readonly plan: LandingPlan; readonly landed: Landed },
): Promise<void> {
  const lock = await IndexLock.take(repository.gitDir, folder.holder);
  try {
    await withReading(
      repository,
      async (reading) => {
        await copyIndex(join(repository.gitDir, "index"), reading.gitDir.index);
        const { stdout } = await reading.gitDir.git(["write-tree"], { accept: [128] });
        if (stdout.toString().trim() !== plan.staged) return;
        await writeLandedIndex(reading, folder.index, { plan, committed: landed.tree });
        await lock.replace(folder.index);
      },
      repository.root,
    );
  } finally {
    await lock.release();
  }
}

async function waitForCommitter(committer: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (await isRunning(committer)) {
    if (Date.now() > deadline) {
      throw new RepositoryError(
        "operation-in-progress",
        "The git commit of a landing that was cut short still runs in the checkout. Try again when its hooks are done.",
      );
    }
    await sleep(LOOK_AGAIN);
  }
}

async function isRunning(committer: string): Promise<boolean> {
  const isThere = await access(committer).then(
    () => true,
    () => false,
  );
  return isThere && !(await namedHasEnded(committer));
}
