import { type CloseOptions, forkSession, type Session } from "@bough/gitstate";
import { type OpenSession, openForked } from "../open-session.ts";
import { type AgentRequest, childOptions, type Means } from "./child-options.ts";
import type { Child } from "./sub-agents.ts";

/** What is needed of an agent for it to be another's child. */
export interface ChildAgent extends Pick<Child, "branch" | "model" | "children" | "run" | "send"> {
  close(options: CloseOptions): Promise<void>;
}

/** Whose child is started, and where. */
export interface StartChildOptions {
  /** The parent's. */
  readonly session: Session;
  readonly means: Means;
  /** The commit that it begins at. */
  readonly from: string;
  /** Sets an agent to work on what was opened for it. */
  makeAgent(opened: OpenSession): ChildAgent;
}

/** Starts an agent on a fork of its parent's branch, with at most what its parent has. */
export async function startChild(
  request: AgentRequest,
  { session: parent, means, from, makeAgent }: StartChildOptions,
): Promise<Child> {
  const { isReadOnly, ...options } = childOptions(request, means);
  const session = await forkSession(parent.repository, { from: parent.branch, after: from, subAgent: true });
  const { ask } = options;
  const opened = await openForked(session, {
    ...options,
    ask: ask && ((question, context) => ask({ agent: session.branch, ...question }, context)),
  });
  const agent = makeAgent(opened);
  return {
    branch: agent.branch,
    model: agent.model,
    isReadOnly,
    get children() {
      return agent.children;
    },
    run: (task, how) => agent.run(task, how),
    send: (text) => agent.send(text),
    changed: () => session.changedSince(from),
    close: () => agent.close({ worktree: "remove-when-safe" }),
  };
}
