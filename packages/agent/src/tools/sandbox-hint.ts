/** Says what a command that failed ran into when that was the sandbox; undefined when it does not look so. */
export function sandboxHint(command: string, output: string): string | undefined {
  if (changesGit(command) && (output === "" || readOnly.test(output))) {
    return "git can only be read here: bough commits what changes in the worktree by itself, so leave add, commit, stash and checkout out";
  }
  if (readOnly.test(output))
    return "only the worktree, the home and /tmp can be written to here, and of the worktree not what steers agents (AGENTS.md, .claude …): Edit and Write can, when the user allows it";
  if (noNetwork.test(output)) return "there is no network here; where the task needs it, call again with network: true";
  return undefined;
}

const readOnly = /Read-only file system|EROFS/;

const noNetwork = new RegExp(
  [
    "Could not resolve host|Temporary failure in name resolution|Name or service not known|Network is unreachable",
    "getaddrinfo|EAI_AGAIN|ENOTFOUND|ENETUNREACH|dial tcp|unable to resolve host|failed to lookup address",
  ].join("|"),
);

/** `git stash` fails without a word where it cannot write. */
function changesGit(command: string): boolean {
  return /\bgit\b.*\b(add|am|branch|checkout|cherry-pick|commit|merge|mv|rebase|reset|restore|revert|rm|stash|switch|tag)\b/.test(
    command,
  );
}
