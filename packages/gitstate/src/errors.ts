/** A git command failed where bough needs it to succeed. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly args: readonly string[];
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor({ args, exitCode, stderr }: { args: readonly string[]; exitCode: number | undefined; stderr: string }) {
    super(`git ${args[0] ?? ""} failed${exitCode === undefined ? "" : ` (${exitCode})`}: ${stderr.trim() || "no message"}`);
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Why a repository, or a revision in it, cannot be worked with. */
export type RepositoryErrorReason =
  | "not-a-repository"
  | "bare"
  | "unmerged"
  | "names-blocked"
  | "mirror"
  | "unknown-revision"
  | "no-session"
  | "bad-name"
  | "name-taken"
  | "operation-in-progress"
  | "in-the-way"
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

/** Somebody else moved the session's branch since it was last read; nothing was forced. */
export class BranchMovedError extends Error {
  override readonly name = "BranchMovedError";
  readonly branch: string;

  constructor(branch: string, options?: ErrorOptions) {
    super(`Branch "${branch}" was moved by another program while the session was open. Resume it to go on from there.`, options);
    this.branch = branch;
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
