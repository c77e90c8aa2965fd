// What a merge of one session into another costs, beside `git merge` of two branches in a worktree.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { forkSession } from "../../packages/gitstate/src/index.ts";
import { besideGit, type ComparedRow, printBesideGit } from "./beside-git.ts";
import { commitTurn, openThrowaway, startReady } from "./sessions.ts";
import { throwawayRepository } from "./throwaway.ts";

const ROUNDS = 11;

const rows: ComparedRow[] = [];
for (const files of [100, 20_000]) {
  using throwaway = throwawayRepository(files);
  const repository = await openThrowaway(throwaway);
  await using into = await startReady(repository, "into");
  await using from = await forkSession(repository, { from: "into", name: "from" });
  await using other = await forkSession(repository, { from: "into", name: "other" });
  await Promise.all([from.ready, other.ready]);
  await commitTurn(into, { path: "same.txt", content: "of into\n" });
  await commitTurn(other, { path: "same.txt", content: "of other\n" });

  const plain = (branch: string) => join(throwaway.path, "..", `plain-${branch}`);
  const commitPlainly = (branch: string, path: string, content: string) => {
    writeFileSync(join(plain(branch), path), content);
    throwaway.git("-C", plain(branch), "add", "--", path);
    throwaway.git("-C", plain(branch), "commit", "--quiet", `--message=Write ${path}`);
  };
  for (const branch of ["into", "from", "other"]) {
    throwaway.git("worktree", "add", "--quiet", "-b", `plain-${branch}`, plain(branch), "main");
  }
  commitPlainly("into", "same.txt", "of into\n");
  commitPlainly("other", "same.txt", "of other\n");
  const mergePlainly = (branch: string) =>
    throwaway.git("-C", plain("into"), "merge", "--quiet", "--no-ff", "--no-edit", `plain-${branch}`);

  let change = 0;
  rows.push(
    await besideGit(
      {
        what: "merge",
        files,
        command: "git merge --no-ff",
        ours: {
          before: () => commitTurn(from, { path: "changed.txt", content: `${change++}\n` }),
          run: () => expectType(into.merge("bough/from"), "merged"),
        },
        baseline: {
          before: () => commitPlainly("from", "changed.txt", `${change++}\n`),
          run: () => mergePlainly("from"),
        },
      },
      ROUNDS,
    ),
  );
  rows.push(
    await besideGit(
      {
        what: "merge that conflicts",
        files,
        command: "git merge --no-ff",
        ours: { run: () => expectType(into.merge("bough/other"), "conflict") },
        baseline: {
          run: () => mustFail(() => mergePlainly("other")),
          after: () => throwaway.git("-C", plain("into"), "merge", "--abort"),
        },
      },
      ROUNDS,
    ),
  );
}
printBesideGit(`Merge of a change of one file, ${ROUNDS} runs`, rows);

async function expectType(result: Promise<{ readonly type: string }>, type: string): Promise<void> {
  const found = await result;
  if (found.type !== type) throw new Error(`The merge came to "${found.type}", not to "${type}".`);
}

function mustFail(run: () => unknown): void {
  try {
    run();
  } catch {
    return;
  }
  throw new Error("git merged what should conflict.");
}
