import { gitVersion, isNewEnough, OLDEST_GIT, RepositoryError } from "@bough/gitstate";
import { blocked, type Check, ready } from "./check.ts";

/** Whether there is a git that can all that bough asks of it. */
export async function checkGit(): Promise<Check> {
  try {
    const version = await gitVersion();
    if (isNewEnough(version)) return ready("git", version);
    const found = version === "" ? "The git on the PATH does not tell its version" : `This is git ${version}`;
    return blocked("git", `${found}. Install git ${OLDEST_GIT} or later: https://git-scm.com`);
  } catch (error) {
    if (error instanceof RepositoryError) return blocked("git", error.message);
    throw error;
  }
}
