/** What an agent may do without asking. */
export const permissionModes = ["default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"] as const;

/**
 * `default` asks before it leaves the worktree or the sandbox; `acceptEdits` also makes, moves and removes files by
 * commands without asking; `plan` only reads; `dontAsk` is denied what it would ask for; `bypassPermissions` asks
 * nothing, and its commands run outside any sandbox.
 */
export type PermissionMode = (typeof permissionModes)[number];

/** From the one that may do least to the one that may do most. */
const byReach: readonly PermissionMode[] = ["plan", "dontAsk", "default", "acceptEdits", "bypassPermissions"];

/** Of two modes the one that may do less. */
export function narrowerMode(a: PermissionMode, b: PermissionMode): PermissionMode {
  return byReach.indexOf(a) <= byReach.indexOf(b) ? a : b;
}

/** Something the agent needs a person's word on. */
export interface Question {
  readonly type: "permission";
  readonly tool: string;
  /** The branch of the sub-agent that asks; the agent itself unless given. */
  readonly agent?: string;
  readonly input: Record<string, unknown>;
  /** Why it is asked, as a sentence without its full stop. */
  readonly why: string;
  /** What is offered to be allowed from now on, widest first: rules as settings hold them; empty when nothing can be. */
  readonly rules: readonly string[];
}

/** The word. A reason is passed on to the model; a rule holds from now on, `always` in later sessions too. */
export type Answer =
  | {
      readonly allow: true;
      readonly remember?: { readonly rule: string; readonly for: "session" | "always" };
    }
  | { readonly allow: false; readonly reason?: string };

/** Puts a question to whoever is there to answer; what it throws is taken for a failure of the call. */
export type Ask = (question: Question, options: { signal: AbortSignal }) => Promise<Answer>;
