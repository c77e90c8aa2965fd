import { tmpdir } from "node:os";
import { git, gitEnvironment } from "./git.ts";

/** The oldest git that has all that is asked of it: `merge-tree --write-tree`. */
export const OLDEST_GIT = "2.38";

/** Tells the version of the git on the PATH, as in `2.39.5`; throws a {@link RepositoryError} when there is none. */
export async function gitVersion(): Promise<string> {
  const { stdout } = await git(["--version"], { cwd: tmpdir(), env: gitEnvironment() });
  return /\d+(?:\.\d+)+/.exec(stdout.toString())?.[0] ?? "";
}

/** Whether a git of this version has all that is asked of it. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_GIT.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
