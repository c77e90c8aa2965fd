import { posix } from "node:path";
import type { WorktreeFiles } from "@bough/sandbox";
import type { ToolContext } from "../tool.ts";
import { shownPath } from "./shown-path.ts";
import { similarity } from "./similarity.ts";

const mostNames = 3;
const leastSimilarity = 0.25;

/** An error that says a path is missing, and which names in its folder are like the one that was asked for. */
export async function missingFile(
  { files, mayRead }: Pick<ToolContext, "files" | "mayRead">,
  given: string,
): Promise<Error> {
  const missing = await firstMissing(files, files.resolve(given));
  const folder = posix.dirname(missing);
  const entries = await files.list(folder);
  const names = entries.map(({ name }) => name).filter((name) => mayRead(posix.join(folder, name)));
  const alike = mostAlike(posix.basename(missing), names).map((name) => shownPath(posix.join(folder, name)));
  const place = folder === "." ? "The worktree" : `The folder ${shownPath(folder)}`;
  const hint =
    alike.length > 0
      ? ` Did you mean ${alike.join(" or ")}?`
      : ` ${place} has ${names.length === 0 ? "no files" : `no name like it; Ls shows what it has`}.`;
  return new Error(`There is no ${shownPath(missing)}.${hint}`);
}

/** The outermost part of the path that is not there. */
async function firstMissing(files: WorktreeFiles, path: string): Promise<string> {
  const names = path.split("/");
  for (const index of names.keys()) {
    const part = names.slice(0, index + 1).join("/");
    if ((await files.stat(part)) === undefined) return part;
  }
  return path;
}

function mostAlike(wanted: string, names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, likeness: similarity(wanted, name) }))
    .filter(({ likeness }) => likeness >= leastSimilarity)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, mostNames)
    .map(({ name }) => name);
}
