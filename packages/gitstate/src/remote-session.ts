import { checkName } from "./branch-name.ts";
import type { Repository } from "./repository.ts";

const REMOTE_BRANCH = /^refs\/remotes\/.+\/bough\/([^/]+)$/;

/** The name of the session whose branch in another clone a revision stands for; undefined when it is no such branch. */
export async function remoteSessionName(repository: Repository, revision: string): Promise<string | undefined> {
  const args = ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", revision];
  const { stdout } = await repository.git(args, { accept: [1, 128] });
  const name = REMOTE_BRANCH.exec(stdout.toString().trim())?.[1];
  try {
    return name === undefined ? undefined : checkName(name);
  } catch {
    // What was pushed there by another program may have a name that none of ours has.
    return undefined;
  }
}
