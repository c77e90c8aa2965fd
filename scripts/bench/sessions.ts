import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Repository, type Session, startSession } from "../../packages/gitstate/src/index.ts";
import type { Throwaway } from "./throwaway.ts";

const author = { name: "bench (bough)", email: "bough@localhost" };

/** Opens a throwaway repository in this process, which from then on has bough's folders beside it. */
export function openThrowaway({ path, env }: Throwaway): Promise<Repository> {
  Object.assign(process.env, env);
  return Repository.open(path);
}

/** Starts a session whose files are there. */
export async function startReady(repository: Repository, name: string): Promise<Session> {
  const session = await startSession(repository, { name, config: { text: "Be brief.", extra: { model: "bench" } } });
  await session.ready;
  return session;
}

/** Commits a turn of one step that writes a file. */
export async function commitTurn(
  session: Session,
  { path, content, said = "Done." }: { readonly path: string; readonly content: string; readonly said?: string },
): Promise<void> {
  await writeFile(join(session.worktree, path), content);
  const step = session.lastStep + 1;
  await session.commit(
    {
      step,
      turn: step,
      blocks: [
        { type: "user", text: `Write ${path}` },
        { type: "call", name: "Write", id: `call-${step}`, text: JSON.stringify({ file_path: path }) },
        { type: "result", name: "Write", id: `call-${step}`, text: "Written." },
        { type: "assistant", text: said },
      ],
    },
    { subject: `Write ${path}`, author, changes: [path], always: true },
  );
}
