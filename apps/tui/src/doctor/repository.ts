import { Repository, RepositoryError, refuseWithoutRoom } from "@bough/gitstate";
import { blocked, type Check, ready, warning } from "./check.ts";

/** Finds the repository of a folder, or what is wrong there. */
export async function findRepository(cwd: string): Promise<{ check: Check; repository?: Repository }> {
  try {
    const repository = await Repository.open(cwd);
    const { branch, commit } = await repository.head();
    const where = branch === undefined ? "with no branch checked out" : `on ${branch}`;
    const start = commit === undefined ? "; no commit yet, so an agent starts from the files there are" : "";
    return { check: ready("repository", `${repository.root}, ${where}${start}`), repository };
  } catch (error) {
    if (error instanceof RepositoryError) return { check: blocked("repository", error.message) };
    throw error;
  }
}

/** Whether bough's branches have a place there. */
export async function checkNames(repository: Repository): Promise<Check> {
  try {
    await refuseWithoutRoom(repository);
    return ready("branches", "bough/… is free for sessions");
  } catch (error) {
    if (error instanceof RepositoryError) return blocked("branches", error.message);
    throw error;
  }
}

/** Whether commits have a name to be by. */
export function checkIdentity({ identity }: Repository): Check {
  const { name, email } = identity;
  if (email !== "bough@localhost") return ready("identity", `${name} <${email}>`);
  return warning(
    "identity",
    'git has no name for you, so "bough" commits and `bough land` fails. ' +
      'Run git config --global user.name "<you>" and git config --global user.email "<you@…>"',
  );
}
