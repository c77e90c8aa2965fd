import type { MergeConflict, MergeResult } from "@bough/gitstate";
import type { RecordedBeside } from "../conversation.ts";
import type { Turn } from "../end-turn.ts";

/** The key by which a result names the branch of its sub-agent. */
export const AGENT = "agent";

/** How many paths a result names. */
const MOST_PATHS = 50;

/** What came of a sub-agent's turn. */
export type Ending = Pick<Turn, "stop" | "text" | "why" | "error">;

/** What a call is answered with should nobody be there any more when its sub-agent ends. */
export function describeLost(branch: string): string {
  return `[The agent on ${branch} was cut short. What it did and said until then is kept on that branch.]`;
}

/** Writes a sub-agent's answer and what became of its work. */
export function describeEnding(branch: string, { stop, text, why, error }: Ending, outcome: string): string {
  const ended =
    stop === "done"
      ? []
      : [`[The agent on ${branch} did not finish: ${(why ?? error?.message ?? stop).replace(/\.$/, "")}.]`];
  return [...(text.trim() === "" ? [] : [text.trimEnd()]), ...ended, `[${outcome}]`].join("\n\n");
}

/** What a commit with the answers of agents is called. */
export function subjectOfAnswers(beside: RecordedBeside): string {
  const [first, second, ...others] = [...new Set([...beside.values()].flatMap(({ [AGENT]: branch }) => branch ?? []))];
  if (first === undefined) return "No agent worked";
  if (second === undefined) return `Answer of ${first}`;
  return `Answers of ${first} and ${others.length === 0 ? second : `${others.length + 1} others`}`;
}

/** Says that work is kept on its branch. */
export function describeKept(
  branch: string,
  { changed: files, isReadOnly }: { readonly changed: readonly string[]; readonly isReadOnly: boolean },
): string {
  if (isReadOnly) return `It was only to read. What it said is kept on ${branch}.`;
  if (files.length === 0) return `It changed no file. What it said is kept on ${branch}.`;
  const how = `Merge {"branch": ${JSON.stringify(branch)}} brings it in, git diff HEAD...${branch} shows it.`;
  return `Nothing of its work is here; it is kept on ${branch}. It changed ${somePaths(files)}. ${how}`;
}

/** Says what came of a merge. */
export function describeMerge(branch: string, result: MergeResult): string {
  switch (result.type) {
    case "merged":
    case "would-merge":
      return result.paths.length === 0
        ? `${branch} was merged. It changed no file.`
        : `${branch} was merged. Files it changed here: ${somePaths(result.paths)}.`;
    case "up-to-date":
      return `All of ${branch} is here already.`;
    case "conflict":
      return describeConflict(branch, result.conflicts);
    default:
      return result satisfies never;
  }
}

function describeConflict(branch: string, conflicts: readonly MergeConflict[]): string {
  const shown = conflicts.slice(0, MOST_PATHS).map(({ path, kind }) => `- ${path}: ${kinds[kind]}`);
  const rest = conflicts.length > MOST_PATHS ? [`- and ${conflicts.length - MOST_PATHS} more`] : [];
  const name = JSON.stringify(branch);
  const [first] = conflicts;
  const hasNoSides = conflicts.some(({ kind }) => kind === "file-and-folder" || kind === "both-renamed");
  const sides = hasNoSides
    ? "No side can be taken of what is renamed, or a file on one side and a folder on the other: move yours to where its is, and merge again."
    : `To go on, either take a side in these files by Merge {"branch": ${name}, "take": "theirs"} or "ours"; or write them as they ` +
      `should be (git show ${branch}:${first?.path ?? ""} shows its version) and then take "ours"; or give an Agent the task to do that.`;
  return [
    `${branch} conflicts with your branch, so nothing of it was merged; it is kept as it is. They do not go together in:`,
    ...shown,
    ...rest,
    sides,
  ].join("\n");
}

const kinds: Readonly<Record<MergeConflict["kind"], string>> = {
  "both-changed": "both changed the same lines",
  "both-added": "both added it",
  "deleted-by-us": "deleted on your branch, changed on its",
  "deleted-by-them": "deleted on its branch, changed on yours",
  "both-renamed": "renamed, and not to the same name on both sides",
  "file-and-folder": "a file on one side, a folder on the other",
};

function somePaths(paths: readonly string[]): string {
  const rest = paths.length > MOST_PATHS ? ` and ${paths.length - MOST_PATHS} more` : "";
  return `${paths.slice(0, MOST_PATHS).join(", ")}${rest}`;
}
