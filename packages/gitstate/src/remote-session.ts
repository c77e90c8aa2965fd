import { checkName } from "./branch-name.ts";
import type { Repository } from "./repository.ts";

/** The name of the session whose branch in another clone a revision stands for; undefined when it is no such branch. */
export async function remoteSessionName(repository: Repository, revision: string): Promise<string | undefined> {
  const args = ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", revision];
  const { stdout } = await repository.git(args, { accept: [1, 128] });
  return sessionNameOf(stdout.toString().trim());
}

/** Lists the branches of sessions in other clones, as they were when last fetched: `origin/bough/fix`. */
export async function listRemoteSessions(repository: Repository): Promise<string[]> {
  const { stdout } = await repository.git(["for-each-ref", "--format=%(refname)", REMOTES]);
  const refs = stdout.toString().split("\n");
  return refs.filter((ref) => sessionNameOf(ref) !== undefined).map((ref) => ref.slice(REMOTES.length));
}

const REMOTES = "refs/remotes/";

function sessionNameOf(ref: string): string | undefined {
  const name = /^refs\/remotes\/.+\/bough\/([^/]+)$/.exec(ref)?.[1];
  try {
    return name === undefined ? undefined : checkName(name);
  } catch {
    // What was pushed there by another program may have a name that none of ours has.
    return undefined;
  }
}
