import { type Repository, resumeSession, type Session } from "@bough/gitstate";
import { describeLeftOut } from "../history/describe-left-out.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";

/**
 * Does something with a session that is opened for it, and leaves its worktree as it was found. What became of the session
 * by other hands, and what its commits left out, is told on standard error.
 */
export async function withSession<Result>(
  { repository, branch }: { readonly repository: Repository; readonly branch: string },
  { stderr }: Pick<Streams, "stderr">,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const tell = (line: string) => stderr.write(`${escapeForTerminal(line)}\n`);
  const session = await resumeSession(repository, branch);
  try {
    await session.recover({ name: "bough", email: "bough@localhost" });
    const result = await work(session);
    for (const item of await session.newlyLeftOut()) tell(describeLeftOut(item));
    return result;
  } finally {
    for (const notice of session.takeNotices()) tell(notice);
    await session.close({ worktree: "as-found" });
  }
}
