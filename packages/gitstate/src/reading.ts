import { join } from "node:path";
import { ObjectStore } from "./object-store.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";
import type { Repository } from "./repository.ts";

/** How the objects of a repository are read. */
export interface Reading {
  readonly gitDir: PrivateGitDir;
  readonly objects: ObjectStore;
}

/** Lends a way to read objects, and the files of a work tree if one is given, that is closed when the work is done. */
export function withReading<Result>(
  repository: Repository,
  work: (reading: Reading) => Promise<Result>,
  workTree?: string,
): Promise<Result> {
  return repository.withGitDir(async (gitDir) => {
    const folder = join(repository.commonDir, "objects");
    const objects = new ObjectStore({ folder, format: repository.format, gitDir });
    try {
      return await work({ gitDir, objects });
    } finally {
      await objects.close();
    }
  }, workTree);
}
