/** A file of the repository that the user did not trust, or not as it is now. */
export interface UntrustedFile {
  readonly path: string;
  /** What it would run or widen: `hooks`, `env` … */
  readonly wants: readonly string[];
  /** That as it is written there, a line each: commands, rules, variables. */
  readonly details: readonly string[];
  /** Whether the user trusted it as it was before. */
  readonly isChanged: boolean;
}
