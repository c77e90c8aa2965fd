import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** Something that was found, and the path by which the system reaches exactly that. */
export interface Spot {
  readonly reach: string;
  readonly stats: Stats;
}

/** How the entries of folders are looked at, for the time of one operation. */
export interface FolderAccess {
  readonly root: Spot;
  /** The root's path without a link in it. */
  readonly realRoot: string;
  /** Looks at a folder's entry without following it; undefined when there is none. */
  look(folder: Spot, name: string): Spot | undefined;
  /** Opens a spot for reading, never waiting for the other end of a pipe. */
  open(spot: Spot): Promise<FileHandle>;
  /** Throws when `folder` is no longer what its `reach` reaches. */
  confirm(folder: Spot): void;
  release(): void;
}

/** Opens the way to a root folder for one operation; it has to be released. */
export type OpenAccess = (root: string) => FolderAccess;
