import { posix } from "node:path";

/** Files that tell agents, or the programs that start them, what to do: a change of one can widen what later ones may. */
const PROTECTED =
  /^(?:.*\/)?(?:AGENTS(?:\.override|\.local)?\.md|CLAUDE(?:\.local)?\.md|GEMINI\.md|\.mcp\.json|\.worktreeinclude|\.envrc|\.cursorrules)$|^(?:.*\/)?\.(?:bough|claude|agents|cursor|vscode|idea|devcontainer|husky|githooks|git)(?:\/|$)/i;

/** Whether an absolute path below the root is such a file. */
export function isProtected(path: string, root: string): boolean {
  return PROTECTED.test(posix.relative(root, path));
}
