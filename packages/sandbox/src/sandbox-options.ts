import { join } from "node:path";
import type { Confinement } from "./detect-sandbox.ts";
import type { SharedNetwork } from "./shared-network.ts";

/** What a confined command can reach. */
export interface SandboxOptions {
  readonly confinement: Confinement;
  /** Absolute path of the one folder of the user's that it can write to, except for the `.git` in it. */
  readonly worktree: string;
  /** Names of files and folders at the root of the worktree that it can only read. */
  readonly readOnly?: readonly string[];
  /** Absolute paths that it can read: the repository that the worktree belongs to. */
  readonly readable: readonly string[];
  /** Folders of the worktree in whose place it finds others, which it can only read; just readable where there are no mounts. */
  readonly replaced?: readonly ReplacedFolder[];
  /** An existing folder outside of both, for what its session keeps: `home`, `tmp` and `shell`. */
  readonly folder: string;
  /** Whether it can reach the network, and with it what listens on this machine. */
  readonly network: boolean;
  /** The network of its own that it is in with others, when it cannot reach that of the machine. */
  readonly sharedNetwork?: SharedNetwork;
  /** How many processes it may have at once. */
  readonly mostProcesses: number;
}

/** A folder that stands where another one is. */
export interface ReplacedFolder {
  readonly from: string;
  readonly to: string;
}

/** Where a confined command finds what is its session's own. */
export interface OwnPlaces {
  readonly home: string;
  readonly tmp: string;
  readonly shell: string;
}

/** Says where a command finds its session's own places: under names of the sandbox's where it has mounts. */
export function ownPlaces({ confinement, folder }: Pick<SandboxOptions, "confinement" | "folder">): OwnPlaces {
  switch (confinement.kind) {
    case "bubblewrap":
      // No folder of the host's has these names.
      return { home: "/bough/home", tmp: "/tmp", shell: "/bough/shell" };
    case "seatbelt":
      return { home: join(folder, "home"), tmp: join(folder, "tmp"), shell: join(folder, "shell") };
    default:
      return confinement satisfies never;
  }
}
