// What landing a session costs, beside the commands a person would type for a plain branch.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LandOptions, landSession } from "../../packages/gitstate/src/index.ts";
import { besideGit, type ComparedRow, printBesideGit } from "./beside-git.ts";
import { commitTurn, openThrowaway, startReady } from "./sessions.ts";
import { throwawayRepository } from "./throwaway.ts";

const ROUNDS = 11;

const rows: ComparedRow[] = [];
for (const files of [100, 20_000]) {
  using throwaway = throwawayRepository(files);
  const repository = await openThrowaway(throwaway);
  await using session = await startReady(repository, "landed");
  const plain = join(throwaway.path, "..", "plain");
  throwaway.git("worktree", "add", "--quiet", "-b", "plain", plain, "main");

  let change = 0;
  const ours = (options: LandOptions, type: string) => ({
    before: () => commitTurn(session, { path: "of-bough.txt", content: `${change++}\n` }),
    run: async () => {
      const landed = await landSession(repository, session, options);
      if (landed.type !== type) throw new Error(`Landing came to "${landed.type}", not to "${type}".`);
    },
  });
  const commitPlainly = () => {
    writeFileSync(join(plain, "of-git.txt"), `${change++}\n`);
    throwaway.git("-C", plain, "add", "--", "of-git.txt");
    throwaway.git("-C", plain, "commit", "--quiet", "--message=Write of-git.txt");
  };
  rows.push(
    await besideGit(
      {
        what: "land",
        files,
        command: "git merge --squash && git commit",
        ours: ours({}, "landed"),
        baseline: {
          before: () => {
            commitPlainly();
            // The next squash is of this change alone, as with a session that landed before.
            throwaway.git("-C", plain, "reset", "--quiet", "--soft", "main");
            throwaway.git("-C", plain, "restore", "--source=main", "--staged", "--worktree", "--", ":!of-git.txt");
            throwaway.git("-C", plain, "commit", "--quiet", "--message=Write of-git.txt");
          },
          run: () => {
            throwaway.git("merge", "--quiet", "--squash", "plain");
            throwaway.git("commit", "--quiet", "--message=Write of-git.txt");
          },
        },
      },
      ROUNDS,
    ),
  );

  const takeBack = () => {
    throwaway.git("reset", "--quiet", "--hard");
    throwaway.git("clean", "--quiet", "--force");
  };
  const applyPlainly = () => {
    const patch = throwaway.git("diff", "--binary", "main", "plain", "--", "of-git.txt");
    execFileSync("git", ["apply"], { cwd: throwaway.path, env: throwaway.env, input: patch });
  };
  rows.push(
    await besideGit(
      {
        what: "land --apply",
        files,
        command: "git diff | git apply",
        ours: { ...ours({ mode: "apply" }, "applied"), after: takeBack },
        baseline: { before: commitPlainly, run: applyPlainly, after: takeBack },
      },
      ROUNDS,
    ),
  );
}
printBesideGit(`Landing a change of one file, ${ROUNDS} runs`, rows);
