export { borrowedObjects } from "./alternates.ts";
export { type ApplyResult, applyToCheckout } from "./apply-to-checkout.ts";
export { archiveSession } from "./archive-session.ts";
export { nameFor } from "./branch-name.ts";
export type { MadeCommit } from "./branch-with-files.ts";
export { bundleSession } from "./bundle-session.ts";
export type { ClosedWorktree } from "./close-worktree.ts";
export { type Collected, collectGarbage } from "./collect-garbage.ts";
export type { CommitOptions } from "./commit-step.ts";
export { createRepository } from "./create-repository.ts";
export {
  BranchMovedError,
  CheckoutWriteError,
  CommitRefusedError,
  GitError,
  LockedError,
  RefMovedError,
  RepositoryError,
  type RepositoryErrorReason,
  UnknownPathError,
} from "./errors.ts";
export type { FileChange } from "./file-changes.ts";
export { findGarbage, type GarbageOptions, RETENTION } from "./find-garbage.ts";
export { type Conversation, FIRST_STEP, MERGED, type OutsideCommit, type Step } from "./fold.ts";
export { type ForkOptions, forkSession } from "./fork-session.ts";
export type { Garbage } from "./garbage.ts";
export { gitVersion, isNewEnough, OLDEST_GIT } from "./git-version.ts";
export { type LandOptions, type LandResult, landSession } from "./land.ts";
export { type FoundLandable, findLandable } from "./landable.ts";
export type { Landable } from "./landing-base.ts";
export type { Landing } from "./landings.ts";
export { findLeftBehind, type LeftBehind } from "./left-behind.ts";
export { type LeftOut, looksLikeCredential } from "./left-out.ts";
export { listBranches } from "./list-branches.ts";
export type { MergeConflict, MergeResult } from "./merge-sessions.ts";
export type { MergedSide } from "./merged-side.ts";
export { formatMessage, formatSubject, type Message, parseMessage } from "./message.ts";
export type { PastStep } from "./past-steps.ts";
export { type ConflictSides, type MergePreview, previewMerge, readConflict } from "./preview-merge.ts";
export { previewRewind } from "./preview-rewind.ts";
export { findPublishing, type PublishingRemote } from "./published-sessions.ts";
export { type Diff, readDiff, readPatch } from "./read-diff.ts";
export { readStep, type StepCommit } from "./read-step.ts";
export { readTranscript, type Transcript, type TranscriptCommit, type TranscriptStep } from "./read-transcript.ts";
export { listRemoteSessions } from "./remote-session.ts";
export { type Identity, Repository } from "./repository.ts";
export { resumeLast, resumeSession } from "./resume-session.ts";
export type { RewindOptions, RewindResult, RewindTarget, RewoundTurn } from "./rewind.ts";
export { findRewindable, type Rewindable } from "./rewindable.ts";
export { refuseWithoutRoom } from "./room-for-sessions.ts";
export {
  type FoundStep,
  type FoundSteps,
  type ReadPastStepOptions,
  readPastStep,
  type SearchStepsOptions,
  type StepExcerpt,
  searchSteps,
} from "./search-steps.ts";
export { type CloseOptions, type NewStep, Session } from "./session.ts";
export { listSessions, type SessionSummary } from "./session-list.ts";
export {
  type LogEntry,
  type LogOptions,
  type LogOutside,
  type LogStart,
  type LogStep,
  type LogSteps,
  readLog,
  type SessionLog,
} from "./session-log.ts";
export { type StartOptions, startSession } from "./start-session.ts";
export type { Block, Extra, StepRecord } from "./step-record.ts";
export type { StepsUsage, Usage } from "./step-usage.ts";
export type { Side } from "./take-side.ts";
export {
  type CommitOrigin,
  type Lines,
  type Origin,
  type StepOrigin,
  type UncommittedOrigin,
  type Why,
  why,
} from "./why.ts";
