import { constants, lstatSync, realpathSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { errorCode } from "./file-errors.ts";
import type { FolderAccess, OpenAccess, Spot } from "./folder-access.ts";
import { PathRefused } from "./path-refused.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * Reaches everything by its real path and looks again afterwards, for systems without descriptors under `/proc`.
 * It notices most of what is swapped meanwhile, not all.
 */
export const openRealPathAccess: OpenAccess = (root) => new RealPathAccess(realpathSync(root));

class RealPathAccess implements FolderAccess {
  readonly root: Spot;
  readonly realRoot: string;

  constructor(realRoot: string) {
    this.realRoot = realRoot;
    this.root = { reach: realRoot, stats: lstatSync(realRoot) };
  }

  look(folder: Spot, name: string): Spot | undefined {
    const reach = `${folder.reach}/${name}`;
    try {
      return { reach, stats: lstatSync(reach) };
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async open(spot: Spot): Promise<FileHandle> {
    const file = await open(spot.reach, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    try {
      const opened = await file.stat();
      if (opened.ino !== spot.stats.ino || opened.dev !== spot.stats.dev) throw justReplaced(spot.reach);
      if (realpathSync(spot.reach) !== spot.reach) throw justReplaced(spot.reach);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  confirm(folder: Spot): void {
    if (realpathSync(folder.reach) !== folder.reach) throw justReplaced(folder.reach);
  }

  release(): void {
    // Nothing is held.
  }
}

function justReplaced(reach: string): PathRefused {
  return new PathRefused(reach, "it was replaced by something else just now");
}
