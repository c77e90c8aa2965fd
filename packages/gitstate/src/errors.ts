interface GitFailure {
  readonly args: readonly string[];
  /** Undefined when it did not start, or was killed. */
  readonly exitCode: number | undefined;
  readonly stderr: string;
  readonly attempt?: string;
}

function describeFailure({ args, exitCode, stderr, attempt }: GitFailure): string {
  const how = exitCode === undefined ? "did not run to its end" : `failed with exit code ${exitCode}`;
  const failure = `git ${args[0] ?? ""} ${how}: ${stderr.trim() || "it said nothing"}`;
  return attempt === undefined
    ? failure
    : `Cannot ${attempt}: ${failure}\n"git fsck" tells whether the repository is sound.`;
}

/** A git command failed where bough needs it to succeed. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly args: readonly string[];
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(failure: GitFailure, options?: ErrorOptions) {
    super(describeFailure(failure), options);
    this.args = failure.args;
    this.exitCode = failure.exitCode;
    this.stderr = failure.stderr;
  }

  /** The same failure, told as that of what a person wanted. */
  during(attempt: string): GitError {
    const { args, exitCode, stderr } = this;
    return new GitError({ args, exitCode, stderr, attempt }, { cause: this });
  }
}

/** Why a repository, or a revision in it, cannot be worked with. */
export type RepositoryErrorReason =
  | "no-git"
  | "not-a-repository"
  | "unwritable"
  | "bare"
  | "unmerged"
  | "names-blocked"
  | "mirror"
  | "unknown-revision"
  | "no-session"
  | "session-held"
  | "bad-name"
  | "name-taken"
  | "checked-out"
  | "worktree-kept"
  | "worktree-gone"
  | "operation-in-progress"
  | "in-the-way"
  | "outside"
  | "unreadable"
  | "unknown-line"
  | "no-landing-place"
  | "unrelated"
  | "unusable";

/** The request cannot be met in this repository as it is; the message says what to do. Nothing was changed. */
export class RepositoryError extends Error {
  override readonly name = "RepositoryError";
  readonly reason: RepositoryErrorReason;

  constructor(reason: RepositoryErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** There is no such file, neither in the checkout nor in the last commit. */
export class UnknownPathError extends Error {
  override readonly name = "UnknownPathError";
  readonly path: string;
  /** The files there are, of which one may have been meant. */
  readonly known: readonly string[];

  constructor(path: string, known: readonly string[], options?: ErrorOptions) {
    super(`There is no file ${path} in the repository.`, options);
    this.path = path;
    this.known = known;
  }
}

/** Somebody else moved, renamed or deleted the session's branch since it was last read; nothing was forced. */
export class BranchMovedError extends Error {
  override readonly name = "BranchMovedError";
  readonly branch: string;

  constructor(branch: string, options?: ErrorOptions) {
    super(
      `Branch "${branch}" was moved by another program, renamed or deleted while the session was open. Nothing was forced and nothing is lost: what was said is kept, and the files are in the worktree. Go on from where it stands now with --resume ${branch}.`,
      options,
    );
    this.branch = branch;
  }
}

/** A ref was not where it was last seen; nothing was moved. */
export class RefMovedError extends Error {
  override readonly name = "RefMovedError";
  readonly ref: string;

  constructor(ref: string, options?: ErrorOptions) {
    super(`${ref} was moved by another program. Nothing was changed; look at it again and decide.`, options);
    this.ref = ref;
  }
}

/** Another git held a lock for longer than it is worth waiting; nothing was changed. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  readonly lock: string;

  constructor(lock: string, options?: ErrorOptions) {
    super(
      `Another git is at work in the repository: it holds ${lock}. Try again when it is done; if none is running, delete that file.`,
      options,
    );
    this.lock = lock;
  }
}

/** Files could not be written into the user's checkout; what had been written was taken back, as the message says. */
export class CheckoutWriteError extends Error {
  override readonly name = "CheckoutWriteError";
  /** Paths that could not be put back; empty when all is as it was. */
  readonly lost: readonly string[];

  constructor(message: string, { lost, ...options }: ErrorOptions & { readonly lost: readonly string[] }) {
    super(message, options);
    this.lost = lost;
  }
}

/** The user's own `git commit` did not make the commit: a hook of theirs, or signing, failed. Nothing was changed. */
export class CommitRefusedError extends Error {
  override readonly name = "CommitRefusedError";
  /** What git and the hooks said. */
  readonly output: string;

  constructor(output: string, options?: ErrorOptions) {
    super(
      `git commit failed, so nothing was landed and everything is as it was before. It said:\n${output.trim() || "nothing"}`,
      options,
    );
    this.output = output;
  }
}
