import type { PermissionMode } from "../permissions/modes.ts";

/** A kind of sub-agent that a model can ask for by its name. */
export interface AgentKind {
  readonly name: string;
  /** What it is for, as the model that may ask for it is told. */
  readonly description: string;
  /** What follows the system prompt. */
  readonly prompt: string;
  /** Names of the tools it has at most; without them all of its parent's. */
  readonly tools?: readonly string[];
  /** `<provider>/<id>`; a name without a provider is another program's, and the parent's model is taken. */
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  /** How many replies it has at most. */
  readonly maxTurns?: number;
  readonly isolation?: "worktree" | "none";
}
