/** A command, what it printed, and what it was given. */
export interface EndedCommand {
  readonly command: string;
  readonly output: string;
  readonly hasNetwork: boolean;
  /** Whether it ended with the code 0, as one does that goes on after an error. */
  readonly isDone: boolean;
}

/** Says what a command ran into when that was the sandbox; undefined when it does not look so. */
export function sandboxHint({ command, output, hasNetwork, isDone }: EndedCommand): string | undefined {
  const ranIntoReadOnly = readOnly.test(output);
  if (changesGit.test(command) && (ranIntoReadOnly || (!isDone && wantsCleanTree(output)))) {
    return exchanges.test(command) ? gitExchange : gitReadOnly;
  }
  if (isDone) return undefined;
  if (ranIntoReadOnly) return worktreeOnly;
  const mayHaveFetched = fetches.test(command) && !thisMachine.test(command);
  return !hasNetwork && (noNetwork.test(output) || mayHaveFetched) ? network : undefined;
}

const gitReadOnly =
  "git can only be read here: bough commits what changes in the worktree by itself, so leave add, commit, stash and checkout out";
const gitExchange =
  "git can only be read here, so fetch, pull and push are the user's: `bough merge` brings newer commits of theirs in";
const worktreeOnly =
  "only the worktree, the home and /tmp can be written to here, and of the worktree not what steers agents (AGENTS.md, .claude …): Edit and Write can, when the user allows it";
const network = "there is no network here; where the task needs it, call again with network: true";

const readOnly = /Read-only file system|EROFS/;

const noNetwork = new RegExp(
  [
    "Could not resolve host|Temporary failure in name resolution|Name or service not known|Network is unreachable",
    "getaddrinfo|EAI_AGAIN|ENOTFOUND|ENETUNREACH|dial tcp|unable to resolve host|failed to lookup address",
    "NewConnectionError|Failed to establish a new connection",
  ].join("|"),
);

/** Programs that try for minutes without a word, or are told to say none. */
const fetches =
  /\b(npm|pnpm|yarn|bun) (i|ci|add|install|update)\b|\b(pip3?|uv pip|gem|bundle|cargo|poetry|composer) (add|fetch|install|update)\b|\b(curl|wget)\b|\bgo (get|mod download)\b|\bgit clone\b/;

const thisMachine = /\blocalhost\b|127\.0\.0\.1|\[::1\]/;

const changesGit =
  /\bgit\b.*\b(add|am|branch|checkout|cherry-pick|commit|config|fetch|gc|merge|mv|pull|push|rebase|remote|reset|restore|revert|rm|stash|submodule|switch|tag|worktree)\b/;

const exchanges = /\bgit\b.*\b(fetch|pull|push)\b/;

/** `git stash` fails without a word where it cannot write, and others ask for what cannot be done either. */
function wantsCleanTree(output: string): boolean {
  return output.trim() === "" || /commit or stash|would be overwritten|unstaged changes/.test(output);
}
