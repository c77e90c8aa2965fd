import { sortedForPeople } from "./byte-path.ts";
import { readCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import type { LandResult } from "./land.ts";
import { landMessage } from "./land-message.ts";
import { doesMergingHelp, type Landable, landingSides } from "./landing-base.ts";
import { merge3 } from "./merge3.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { readTreeChanges } from "./tree-changes.ts";
import { commitTreeAsUser } from "./user-commit.ts";

/** Lands a session on a branch that no checkout is on; no index and no file is touched, and no hook runs. */
export async function landOnto(
  repository: Repository,
  session: Landable,
  { onto, preview, message: text }: { onto: string; preview: boolean; message: string | undefined },
): Promise<LandResult> {
  const ref = `refs/heads/${onto.replace(/^refs\/heads\//, "")}`;
  const tip = await readTip(repository, ref, onto);
  return withReading(repository, async (reading) => {
    const sides = await landingSides(repository, reading, { session, onto: tip });
    const { since, base, theirs } = sides;
    const { tree } = await readCommit(reading.objects, tip);
    const merged = await merge3(reading, { base, ours: tree, theirs });
    if (merged.type === "conflict") {
      const mergingHelps = await doesMergingHelp(repository, reading, { session, onto: tip, sides });
      return { type: "conflict", paths: sortedForPeople(merged.paths), applies: false, mergingHelps };
    }
    if (merged.tree === tree) return { type: "up-to-date" };
    const changes = await readTreeChanges(reading.gitDir, tree, merged.tree);
    const paths = sortedForPeople(changes.map(({ path }) => path));
    const message = await landMessage(reading, session, { since, text });
    if (preview) return { type: "would-land", message, paths };
    const commit = await commitTreeAsUser(repository, { tree: merged.tree, parent: tip, message });
    await moveBranch(repository, { ref, from: tip, to: commit });
    return { type: "landed", commit, message, paths };
  });
}

async function readTip(repository: Repository, ref: string, onto: string): Promise<string> {
  const format = "--format=%(objectname) %(worktreepath)";
  const line = (await repository.git(["for-each-ref", format, ref])).stdout.toString().split("\n", 1)[0] ?? "";
  const [tip = "", ...worktree] = line.split(" ");
  // A pattern also finds what stands below it.
  const isThere = (await repository.git(["show-ref", "--verify", "--quiet", ref], { accept: [1, 128] })).exitCode === 0;
  if (!isThere)
    throw new RepositoryError(
      "unknown-revision",
      `There is no branch ${JSON.stringify(onto)} to land on. "git branch" lists yours, or makes it.`,
    );
  if (ref.startsWith("refs/heads/bough/")) {
    throw new RepositoryError(
      "no-landing-place",
      `${onto} is a session's branch. To bring one session into another: bough merge <branch> --into ${onto}.`,
    );
  }
  const path = worktree.join(" ");
  if (path !== "") {
    throw new RepositoryError("no-landing-place", `${onto} is checked out in ${path}. Land from there.`);
  }
  return tip;
}

async function moveBranch(
  repository: Repository,
  update: { readonly ref: string; readonly from: string; readonly to: string },
): Promise<void> {
  const refs = repository.refUpdates();
  try {
    await refs.apply([update]);
  } finally {
    await refs.close();
  }
}
