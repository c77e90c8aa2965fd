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

/** Puts a question to whoever is there to answer; what it throws is taken for a failure of the call. */
export type Ask = (question: Question, options: { signal: AbortSignal }) => Promise<Answer>;

const NOBODY: Answer = { allow: false, reason: "nobody is there to be asked" };

/** Decides whether a call may run. */
export async function permit(
  tool: Tool,
  input: Record<string, unknown>,
  { permissionMode, ask, signal }: { permissionMode: PermissionMode; ask: Ask | undefined; signal: AbortSignal },
): Promise<Answer> {
  if (permissionMode === "bypassPermissions" || tool.effect !== "execute") return { allow: true };
  if (ask === undefined) return NOBODY;
  // Somebody who is asked may not look at the signal, and an interrupted turn does not wait for their answer.
  return await unlessAborted(ask({ type: "permission", tool: tool.name, input }, { signal }), signal);
}

function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
