import type { Tool } from "./tool.ts";

/** What an agent may do without asking. */
export const permissionModes = ["default", "bypassPermissions"] as const;

/** `default` edits files in the worktree and asks before it runs a command; `bypassPermissions` asks nothing. */
export type PermissionMode = (typeof permissionModes)[number];

/** Something the agent needs a person's word on. */
export interface Question {
  readonly type: "permission";
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

/** The word. A reason is passed on to the model. */
export type Answer = { readonly allow: true } | { readonly allow: false; readonly reason?: string };

/** Puts a question to whoever is there to answer. */
export type Ask = (question: Question, options: { signal: AbortSignal }) => Promise<Answer>;

const NOBODY: Answer = { allow: false, reason: "nobody is there to be asked" };

/** Decides whether a call may run. */
export async function permit(
  tool: Tool,
  input: Record<string, unknown>,
  { mode, ask, signal }: { mode: PermissionMode; ask: Ask | undefined; signal: AbortSignal },
): Promise<Answer> {
  if (mode === "bypassPermissions" || tool.effect !== "execute") return { allow: true };
  return ask === undefined ? NOBODY : ask({ type: "permission", tool: tool.name, input }, { signal });
}
