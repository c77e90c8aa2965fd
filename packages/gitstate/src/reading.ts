import type { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";

/** How the objects of a repository are read. */
export interface Reading {
  readonly gitDir: PrivateGitDir;
  readonly objects: ObjectStore;
}

/** Reads a repository, and the files of a work tree if one is given, and lets go of it when the work is done. */
export async function withReading<Result>(
  repository: Repository,
  work: (reading: Reading) => Promise<Result>,
  workTree?: string,
): Promise<Result> {
  const reading = await repository.retain();
  try {
    if (workTree === undefined) return await work(reading);
    return await repository.withGitDir((gitDir) => work({ gitDir, objects: reading.objects }), workTree);
  } finally {
    await repository.release();
  }
}
