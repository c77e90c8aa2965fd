/** What the program's exit status tells a script; each number has one meaning for good. */
export const exitCode = {
  done: 0,
  /** The turn failed: the provider, a refusal, a loop. */
  failed: 1,
  /** The command line or the set-up: a bad flag, a missing key, an unknown model, no terminal. */
  usage: 2,
  /** What was named is not there or not readable: a revision, a repository, settings. */
  badInput: 42,
  /** A limit was reached: turns, cost or time. */
  limit: 53,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends the program with an exit code; the message is all that the user is shown, so it says what to do next. */
export class ExitError extends Error {
  override readonly name: string = "ExitError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line asks for something that does not exist or does not go together. */
export class UsageError extends ExitError {
  override readonly name = "UsageError";

  constructor(message: string, options?: ErrorOptions) {
    super(exitCode.usage, message, options);
  }
}
