import type { UntrustedFile } from "../trust/untrusted-file.ts";

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
export type Question = PermissionQuestion | PlanQuestion | OpenQuestion | TrustQuestion;

/** Who asks. */
interface Asked {
  /** The branch of the sub-agent that asks; the agent itself unless given. */
  readonly agent?: string;
}

/** May this call run? */
export interface PermissionQuestion extends Asked {
  readonly type: "permission";
  readonly tool: string;
  readonly input: Record<string, unknown>;
  /** Why it is asked, as a sentence without its full stop. */
  readonly why: string;
  /**
   * What is offered to be allowed from now on, widest first: a rule as settings hold it, or the rules of a command of
   * several parts joined by "and"; empty when nothing can be.
   */
  readonly rules: readonly string[];
}

/** Is this what is to be done? A yes leaves plan mode, words go back to the model, a no ends the turn. */
export interface PlanQuestion extends Asked {
  readonly type: "plan";
  readonly plan: string;
  /** The mode that a yes leads to. */
  readonly mode: PermissionMode;
}

/** A question of the model's own, to be answered in words; the options are what it thinks likely. */
export interface OpenQuestion extends Asked {
  readonly type: "question";
  readonly question: string;
  readonly options: readonly string[];
}

/** Are these files of the repository to be in force as they are now? */
export interface TrustQuestion extends Asked {
  readonly type: "trust";
  /** The repository, by the real path of its checkout. */
  readonly root: string;
  readonly files: readonly UntrustedFile[];
}

/** The word. A reason is passed on to the model; a rule holds from now on, `always` in later sessions too. */
export type Answer =
  | {
      readonly allow: true;
      readonly remember?: { readonly rule: string; readonly for: "session" | "always" };
    }
  | { readonly allow: false; readonly reason?: string }
  /** Answers a question of the model's, or says what to change; to a request for a permission it is a no. */
  | { readonly text: string };

/** Puts a question to whoever is there to answer; what it throws is taken for a failure of the call. */
export type Ask = (question: Question, options: { signal: AbortSignal }) => Promise<Answer>;
