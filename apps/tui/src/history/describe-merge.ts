import type { MergeResult } from "@bough/gitstate";
import { listed } from "../listed.ts";

/** What was merged, into what, and what to do after a conflict. */
interface MergeWords {
  readonly branch: string;
  readonly into: string;
  readonly again: string;
}

/** Says what came of a merge. */
export function describeMerge(result: MergeResult, { branch, into, again }: MergeWords): string {
  switch (result.type) {
    case "merged":
      return withPaths(`Merged ${branch} into ${into} as ${result.commit.slice(0, 9)}`, result.paths);
    case "would-merge":
      return withPaths(`${branch} would go into ${into}`, result.paths);
    case "up-to-date":
      return `Nothing to merge: all of ${branch} is in ${into} already.`;
    case "conflict":
      return [
        `${branch} does not go into ${into}, nothing was merged:`,
        ...listed(result.conflicts.map(({ path, kind }) => `${path}: ${conflictKinds[kind]}`)),
        again,
      ].join("\n");
    default:
      return result satisfies never;
  }
}

/** Both sides may have done the same, or one nothing but talk. */
function withPaths(what: string, paths: readonly string[]): string {
  return paths.length === 0 ? `${what}; no file changes by it.` : [`${what}:`, ...listed(paths)].join("\n");
}

type Kind = Extract<MergeResult, { type: "conflict" }>["conflicts"][number]["kind"];

/** What a person is told of each way in which two sides do not go together. */
export const conflictKinds = {
  "both-changed": "both changed the same place",
  "both-added": "both added it, each otherwise",
  "deleted-by-us": "changed there, deleted here",
  "deleted-by-them": "changed here, deleted there",
  "both-renamed": "renamed differently on both sides",
  "file-and-folder": "a file on one side, a folder on the other",
} as const satisfies Record<Kind, string>;
