// What a fork costs until its model may be asked, and until its files are there, beside a worktree that git adds.
import { join } from "node:path";
import { forkSession, type Session } from "../../packages/gitstate/src/index.ts";
import { besideGit, type ComparedRow, printBesideGit } from "./beside-git.ts";
import { commitTurn, openThrowaway, startReady } from "./sessions.ts";
import { throwawayRepository } from "./throwaway.ts";

const TURNS = 20;
const ROUNDS = 7;

const rows: ComparedRow[] = [];
for (const files of [100, 20_000]) {
  using throwaway = throwawayRepository(files);
  const repository = await openThrowaway(throwaway);
  const session = await startReady(repository, "origin");
  for (let turn = 1; turn <= TURNS; turn++) await commitTurn(session, { path: `${turn}.txt`, content: `${turn}\n` });
  await session.close();

  let fork: Session | undefined;
  const makeUsable = async () => {
    fork = await forkSession(repository, { from: "origin" });
    await fork.conversation();
  };
  const makeReady = async () => {
    await makeUsable();
    await fork?.ready;
  };
  const ours = (run: () => Promise<void>) => ({ run, after: () => fork?.discard() });
  const worktree = join(throwaway.path, "..", "plain");
  const baseline = (...settings: string[]) => ({
    run: () => throwaway.git(...settings, "worktree", "add", "--quiet", "-b", "plain", worktree, "bough/origin"),
    after: () => {
      throwaway.git("worktree", "remove", "--force", worktree);
      throwaway.git("branch", "--quiet", "-D", "plain");
    },
  });
  const usable = { what: "fork, the model may be asked", files, command: "git worktree add" };
  rows.push(await besideGit({ ...usable, ours: ours(makeUsable), baseline: baseline() }, ROUNDS));
  const ready = { what: "fork, its files are there", files, command: "git -c checkout.workers=4 worktree add" };
  rows.push(
    await besideGit({ ...ready, ours: ours(makeReady), baseline: baseline("-c", "checkout.workers=4") }, ROUNDS),
  );
}
printBesideGit(`Fork of a session of ${TURNS} turns, ${ROUNDS} runs (aim: asked within 100 ms)`, rows);
