import { asBytePath, type BytePath, readablePath, toBytePath } from "./byte-path.ts";
import { includeLine } from "./include-line.ts";

/** A file or folder that is not committed, and why. */
export interface LeftOut {
  /** As a person reads it; a folder ends with a slash. */
  readonly path: string;
  readonly reason:
    | "looks like a credential"
    | "too large"
    | "too many files"
    | "ignored"
    | "a submodule"
    | "a name that git refuses"
    | "its filter failed"
    | "cannot be read"
    | "a pipe, not a file";
  /** The line of `.worktreeinclude` that has it copied into the worktree, where only the user's checkout has it. */
  readonly includeLine?: string;
}

const FILE_LIMIT = 20 * 1024 * 1024;
const FOLDER_FILE_LIMIT = 1000;
const FOLDER_SIZE_LIMIT = 20 * 1024 * 1024;

/** Names of keys. */
const KEY_NAMES = [/^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/, /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)$/];
/** Names under which people keep passwords and tokens; templates of them are meant to be shared. */
const CREDENTIAL_NAMES = [
  /^\.env(?:rc)?(?:[.-].+)?$/,
  /^.+\.env$/,
  /^kubeconfig(?:\.ya?ml)?$/,
  /^\.(?:netrc|npmrc|pypirc|pgpass|git-credentials|htpasswd|dockercfg|boto|s3cfg)$/,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt|env))?$/,
  /^(?:service[-_]?account|client[-_]secret)[\w.-]*\.json$/,
  /\.tfstate(?:\.backup)?$/,
  /\.tfvars$/,
];
const TEMPLATE = /(?:^|[.-])(?:example|sample|template)(?:\.|$)/;
const CREDENTIAL_FOLDERS = new Set([".ssh", ".aws", ".gnupg", ".azure", ".kube", ".docker"]);

/** Whether a file's name says that it holds a key or a password. */
export function looksLikeCredential(path: string): boolean {
  const names = path.toLowerCase().split("/");
  const name = names.pop() ?? "";
  if (names.some((folder) => CREDENTIAL_FOLDERS.has(folder))) return true;
  if (KEY_NAMES.some((pattern) => pattern.test(name))) return true;
  return !TEMPLATE.test(name) && CREDENTIAL_NAMES.some((pattern) => pattern.test(name));
}

/** Adds, for what a base left out, how to have it in the worktree. */
export function withIncludeLine(item: LeftOut): LeftOut {
  switch (item.reason) {
    case "looks like a credential":
    case "too large":
    case "too many files":
      return { ...item, includeLine: includeLine(toBytePath(item.path)) };
    default:
      return item;
  }
}

/** An untracked file and its size in bytes. */
export interface Untracked {
  readonly path: BytePath;
  readonly size: number;
}

/** Whether a folder may be over a limit; to find out which takes git another run, which few work trees need. */
export function mayExceedFolderLimit(untracked: readonly Untracked[]): boolean {
  return untracked.length > FOLDER_FILE_LIMIT || sum(untracked.map(({ size }) => size)) > FOLDER_SIZE_LIMIT;
}

/**
 * Parts untracked files into those to keep and those to leave out. `folders` are the topmost folders that hold
 * nothing tracked, each with a slash at its end.
 */
export function leaveOut(
  untracked: readonly Untracked[],
  folders: readonly BytePath[],
): { kept: BytePath[]; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const kept: BytePath[] = [];
  for (const [folder, files] of groupByFolder(untracked, new Set(folders))) {
    const tooMany = files.length > FOLDER_FILE_LIMIT;
    if (folder !== undefined && (tooMany || sum(files.map(({ size }) => size)) > FOLDER_SIZE_LIMIT)) {
      leftOut.push({ path: readablePath(folder), reason: tooMany ? "too many files" : "too large" });
      continue;
    }
    for (const { path, size } of files) {
      if (looksLikeCredential(readablePath(path)))
        leftOut.push({ path: readablePath(path), reason: "looks like a credential" });
      else if (size > FILE_LIMIT) leftOut.push({ path: readablePath(path), reason: "too large" });
      else kept.push(path);
    }
  }
  return { kept, leftOut };
}

function groupByFolder(untracked: readonly Untracked[], folders: ReadonlySet<BytePath>) {
  const groups = new Map<BytePath | undefined, Untracked[]>();
  for (const file of untracked) {
    const folder = folderOf(file.path, folders);
    const group = groups.get(folder);
    if (group === undefined) groups.set(folder, [file]);
    else group.push(file);
  }
  return groups;
}

function folderOf(path: BytePath, folders: ReadonlySet<BytePath>): BytePath | undefined {
  if (folders.size === 0) return undefined;
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const folder = asBytePath(path.slice(0, slash + 1));
    if (folders.has(folder)) return folder;
  }
  return undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
