import type { Repository } from "./repository.ts";

/** Lists the branches of a repository by their names, sessions' and others, the one that was committed to last first. */
export async function listBranches(repository: Repository): Promise<string[]> {
  const { stdout } = await repository.git([
    "for-each-ref",
    "--sort=-committerdate",
    "--format=%(refname:lstrip=2)",
    "refs/heads",
  ]);
  return stdout.toString().split("\n").filter(Boolean);
}
