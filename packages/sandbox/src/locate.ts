import { mkdirSync, readlinkSync } from "node:fs";
import { namesDotGit } from "./dot-git.ts";
import { errorCode } from "./file-errors.ts";
import type { FolderAccess, Spot } from "./folder-access.ts";
import { PathRefused } from "./path-refused.ts";
import { pathWithin } from "./worktree-path.ts";

const mostDetours = 40;

/** Where a path leads once its links are followed. */
export interface Place {
  /** Worktree-relative, without a link in it. */
  readonly path: string;
  readonly folder: Spot;
  /** Its name in `folder`. */
  readonly name: string;
  /** What is there; undefined when nothing is. */
  readonly spot: Spot | undefined;
}

/** The path to walk, and how. */
export interface LocateOptions {
  readonly access: FolderAccess;
  /** The root as it was given; a link may spell it so. */
  readonly root: string;
  readonly path: string;
  /** Makes the folders that are missing on the way. */
  readonly createFolders?: boolean;
}

/**
 * Walks a worktree-relative path one component at a time, following links itself and refusing those that leave the
 * root or enter `.git`. Undefined when a folder on the way is missing.
 */
export function locate(options: LocateOptions): Place | undefined {
  return new Walk(options).run();
}

class Walk {
  readonly #options: LocateOptions;
  /** The folders below the root that the walk is in, outermost first. */
  #folders: { spot: Spot; name: string }[] = [];
  /** What is still to be walked, the next component last. */
  readonly #ahead: string[];
  #detoursLeft = mostDetours;

  constructor(options: LocateOptions) {
    this.#options = options;
    this.#ahead = options.path.split("/").reverse();
  }

  run(): Place | undefined {
    for (;;) {
      const name = this.#nextName();
      if (name === undefined) return this.#placeOfFolder();
      const last = this.#ahead.every(isNoStep);
      const spot = this.#options.access.look(this.#folder, name);
      if (spot?.stats.isSymbolicLink()) this.#follow(name);
      else if (spot?.stats.isDirectory()) this.#folders.push({ spot, name });
      else if (last) return this.#place(name, spot);
      else if (spot !== undefined) this.#refuse(`${JSON.stringify(name)} in it is not a folder`);
      else if (this.#options.createFolders) this.#makeFolder(name);
      else return undefined;
    }
  }

  get #folder(): Spot {
    return this.#folders.at(-1)?.spot ?? this.#options.access.root;
  }

  /** The next component that names something. `..` is taken back here: the kernel's may lie outside by now. */
  #nextName(): string | undefined {
    for (let name = this.#ahead.pop(); name !== undefined; name = this.#ahead.pop()) {
      if (isNoStep(name)) continue;
      if (name === "..") {
        if (this.#folders.pop() === undefined) this.#refuse("it leads outside the worktree through a link");
        continue;
      }
      if (namesDotGit(name)) this.#refuse("git's own folder is not the agent's to touch");
      return name;
    }
    return undefined;
  }

  #follow(name: string): void {
    this.#countDetour();
    const target = linkTarget(`${this.#folder.reach}/${name}`);
    // When it is no longer a link, what it is now is looked at.
    if (target === undefined) this.#ahead.push(name);
    else if (target.startsWith("/")) this.#goFromRoot(target);
    else this.#ahead.push(...target.split("/").reverse());
  }

  #goFromRoot(target: string): void {
    const { access, root } = this.#options;
    const within = pathWithin(access.realRoot, target) ?? pathWithin(root, target);
    if (within === undefined) this.#refuse("it leads outside the worktree through a link");
    this.#folders = [];
    this.#ahead.push(...within.split("/").reverse());
  }

  #makeFolder(name: string): void {
    try {
      this.#options.access.confirm(this.#folder);
      mkdirSync(`${this.#folder.reach}/${name}`);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      this.#countDetour();
    }
    this.#ahead.push(name);
  }

  #countDetour(): void {
    this.#detoursLeft -= 1;
    if (this.#detoursLeft < 0) this.#refuse("it goes through too many links");
  }

  #refuse(reason: string): never {
    throw new PathRefused(this.#options.path, reason);
  }

  #placeOfFolder(): Place {
    const last = this.#folders.pop();
    return last === undefined ? this.#place(".", this.#options.access.root) : this.#place(last.name, last.spot);
  }

  #place(name: string, spot: Spot | undefined): Place {
    const path = [...this.#folders.map((folder) => folder.name), name].join("/");
    return { path, folder: this.#folder, name, spot };
  }
}

function isNoStep(component: string): boolean {
  return component === "" || component === ".";
}

function linkTarget(entry: string): string | undefined {
  try {
    return readlinkSync(entry);
  } catch (error) {
    if (errorCode(error) === "EINVAL" || errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
