import { CommitRefusedError, GitError } from "./errors.ts";
import { type GitOptions, git } from "./git.ts";
import { nameProcess } from "./process-file.ts";
import type { Repository } from "./repository.ts";

/** Variables that would make git work elsewhere than in the repository it is started in, or that it sets for a hook. */
const REDIRECTING = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_CONFIG_COUNT",
  "GIT_CONFIG_PARAMETERS",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_NAMESPACE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** What is committed as the user would. */
interface UserCommit extends Pick<GitOptions, "signal"> {
  readonly index: string;
  readonly message: string;
  /** The file that names the git at work. */
  readonly committer: string;
}

/**
 * Commits what an index holds as the user would: by their `git commit`, with their hooks, identity and signing. Throws
 * a {@link CommitRefusedError} when it makes no commit. The file `committer` names the git that does it, before that can
 * commit anything: it lives on when this process is killed.
 */
export async function commitAsUser(
  { root }: Repository,
  { index, message, committer, signal }: UserCommit,
): Promise<void> {
  await runAsUser(["commit", "--quiet", "--cleanup=whitespace", "--file=-"], {
    root,
    input: message,
    // An editor that a hook or a setting asks for would wait for ever.
    env: { GIT_INDEX_FILE: index, GIT_EDITOR: ":" },
    started: (pid) => nameProcess(committer, pid),
    signal,
  });
}

/**
 * Makes a commit of a tree with the user's identity and, where they sign their commits, their signature. There is no
 * checkout for hooks to look at, so none runs.
 */
export async function commitTreeAsUser(
  { root, config }: Repository,
  { tree, parent, message }: { readonly tree: string; readonly parent: string; readonly message: string },
): Promise<string> {
  const sign = config.boolean("commit.gpgsign") === true ? ["-S"] : [];
  return runAsUser(["commit-tree", ...sign, "-p", parent, "-F", "-", tree], { root, input: message });
}

interface UserGit extends Pick<GitOptions, "started" | "signal"> {
  readonly root: string;
  readonly input: string;
  readonly env?: NodeJS.ProcessEnv;
}

async function runAsUser(
  args: readonly string[],
  { root, input, env = {}, started, signal }: UserGit,
): Promise<string> {
  const kept = Object.entries(process.env).filter(([name]) => !REDIRECTING.has(name));
  try {
    const { stdout } = await git(args, {
      cwd: root,
      env: { ...Object.fromEntries(kept), ...env },
      input,
      started,
      signal,
    });
    return stdout.toString().trim();
  } catch (error) {
    if (error instanceof GitError) throw new CommitRefusedError(error.stderr, { cause: error });
    throw error;
  }
}
