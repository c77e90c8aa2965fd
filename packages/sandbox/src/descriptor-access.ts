import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { errorCode } from "./file-errors.ts";
import type { FolderAccess, OpenAccess, Spot } from "./folder-access.ts";

// Linux's value on every processor that Node runs on; `fs.constants` lacks it.
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * Reaches everything through an open descriptor, each opened relative to the one of its folder, so nothing that is
 * renamed or linked meanwhile changes what is reached. Linux only.
 */
export const openDescriptorAccess: OpenAccess = (root) => new DescriptorAccess(root);

class DescriptorAccess implements FolderAccess {
  readonly root: Spot;
  readonly #held: number[] = [];

  constructor(root: string) {
    this.root = this.#hold(openSync(root, O_PATH | O_DIRECTORY));
  }

  get realRoot(): string {
    return readlinkSync(this.root.reach);
  }

  look(folder: Spot, name: string): Spot | undefined {
    try {
      return this.#hold(openSync(`${folder.reach}/${name}`, O_PATH | O_NOFOLLOW));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  open(spot: Spot) {
    return open(spot.reach, O_RDONLY | O_NONBLOCK);
  }

  confirm(): void {
    // A descriptor stays with its folder, wherever that is moved.
  }

  release(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }

  #hold(descriptor: number): Spot {
    this.#held.push(descriptor);
    return { reach: `/proc/self/fd/${descriptor}`, stats: fstatSync(descriptor) };
  }
}
