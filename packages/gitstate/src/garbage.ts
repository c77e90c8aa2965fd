/** What nobody needs any more, or nobody asked for in a long time. */
export type Garbage = (ArchivedGarbage | AbandonedGarbage | WorktreeGarbage | FolderGarbage) & {
  /** Why it is due, for a person. */
  readonly why: string;
  /** Bytes, as far as that can be told. */
  readonly size: number;
  /** Whether something goes with it that is nowhere else. */
  readonly dropsWork: boolean;
};

/** A session that was archived longer ago than such are kept. */
export interface ArchivedGarbage {
  readonly type: "archived-session";
  readonly name: string;
  readonly session: string;
  readonly ref: string;
  readonly commit: string;
}

/** The records of a session whose branch somebody deleted, and all that they stand on. */
export interface AbandonedGarbage {
  readonly type: "deleted-branch";
  readonly name: string;
  readonly ref: string;
  readonly commit: string;
}

/** The worktree of a session that nobody has open. */
export interface WorktreeGarbage {
  readonly type: "worktree";
  readonly name: string;
  readonly path: string;
}

/** A folder of bough's own: a cache, what a killed process left, or worktrees of a repository that is gone. */
export interface FolderGarbage {
  readonly type: "cache" | "left-over" | "repository-gone";
  readonly path: string;
  /** The session whose cache it is. */
  readonly name?: string;
}
