import type { BranchWithFiles, MadeCommit } from "./branch-with-files.ts";
import { readablePath } from "./byte-path.ts";
import { FIRST_STEP } from "./fold.ts";
import { formatMessage, formatSubject } from "./message.ts";
import type { OpenBranch } from "./open-branch.ts";
import type { Identity } from "./repository.ts";
import type { Scan } from "./scan.ts";
import type { StepRecord } from "./step-record.ts";

/** How a step is committed. */
export interface CommitOptions {
  readonly subject: string;
  readonly author: Identity;
  /** Where to look for changes: everywhere, or at the paths that are known to have been written. */
  readonly changes: "scan" | readonly string[];
  /** Whether to make a commit though no file changed: a turn's last step is one. */
  readonly always?: boolean;
}

const NO_CHANGES: Pick<Scan, "files"> = { files: new Map() };

/** Commits a step with what changed; without a change it is kept for the next commit, unless it is to be one always. */
export async function commitStep(
  session: BranchWithFiles,
  record: StepRecord,
  { subject, author, changes, always = false }: CommitOptions,
): Promise<MadeCommit | undefined> {
  const { branch, checkout } = session;
  const scanned = await session.scan(changes);
  if (checkout.changed(scanned.files).size === 0 && !always) {
    await branch.keep(record);
    return undefined;
  }
  const message = formatMessage({ subject, records: branch.unsavedWith(record) });
  return session.commit(scanned, { message, author, unsaved: [] });
}

/** The last step that a crash left in no commit; undefined when the session had begun none. */
export function unfinishedStep({ id, unsaved }: OpenBranch): StepRecord | undefined {
  // A fork may begin with steps of the session it continues.
  const own = unsaved.filter(({ session }) => session === id);
  return own.some(({ blocks }) => blocks.some(({ type }) => type !== "config")) ? unsaved.at(-1) : undefined;
}

/** Commits what a crash left: steps that no commit holds yet, with the changes that an open call explains. */
export async function commitUnfinished(session: BranchWithFiles, author: Identity): Promise<MadeCommit | undefined> {
  const last = unfinishedStep(session.branch);
  if (last === undefined) return undefined;
  const answered = new Set(last.blocks.flatMap((block) => (block.type === "result" ? [block.id] : [])));
  const isOpen = last.blocks.some((block) => block.type === "call" && !answered.has(block.id));
  return commitStep(session, last, { subject: "Interrupted", author, changes: isOpen ? "scan" : [], always: true });
}

/** Commits in the user's name what changed since the last commit, if anything did. */
export async function commitByHand(session: BranchWithFiles): Promise<MadeCommit | undefined> {
  const { branch, checkout } = session;
  const scanned = await session.scan("scan");
  const files = checkout.changed(scanned.files);
  if (files.size === 0) return undefined;
  await commitStart(session);
  const names = [...files.keys()].map(readablePath).sort();
  return session.commit(scanned, {
    message: `${formatSubject(`By hand: ${names.join(", ")}`)}\n`,
    author: branch.repository.identity,
    unsaved: branch.unsaved,
  });
}

/** Commits the records that no commit holds yet, so that the present moment is a commit that can be gone back to. */
export async function commitUnsaved(session: BranchWithFiles): Promise<void> {
  const { branch } = session;
  await commitStart(session);
  if (branch.unsaved.length === 0) return;
  const message = formatMessage({ subject: "Go on from here", records: branch.unsaved });
  await session.commit(NO_CHANGES, { message, author: branch.repository.identity, unsaved: [] });
}

/** Or what comes in otherwise would come before the session, and be taken for what it started from. */
async function commitStart(session: BranchWithFiles): Promise<void> {
  const { branch } = session;
  const [first, ...unsaved] = branch.unsaved;
  if (first?.step !== FIRST_STEP) return;
  const message = formatMessage({ subject: "Start of the session", records: [first] });
  await session.commit(NO_CHANGES, { message, author: branch.repository.identity, unsaved });
}
