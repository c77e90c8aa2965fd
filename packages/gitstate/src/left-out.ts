import { type BytePath, readablePath } from "./byte-path.ts";

/** An untracked file or folder that is not committed, and why. */
export interface LeftOut {
  /** As a person reads it; a folder ends with a slash. */
  readonly path: string;
  readonly reason: "looks like a credential" | "too large" | "too many files" | "cannot be read";
}

export const FILE_LIMIT = 20 * 1024 * 1024;
export const FOLDER_FILE_LIMIT = 1000;
export const FOLDER_SIZE_LIMIT = 20 * 1024 * 1024;

/** Names under which people keep keys and passwords; templates of them are meant to be shared. */
const CREDENTIAL_NAMES = [
  /^\.env(?:\..+)?$/,
  /^.+\.env$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)$/,
  /^\.(?:netrc|npmrc|pypirc|pgpass|git-credentials|htpasswd|dockercfg|boto|s3cfg)$/,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt|env))?$/,
  /^(?:service[-_]?account|client[-_]secret)[\w.-]*\.json$/,
  /\.tfstate(?:\.backup)?$/,
  /\.tfvars$/,
];
const TEMPLATE = /(?:^|[.-])(?:example|sample|template|dist|test)(?:\.|$)/;
const CREDENTIAL_FOLDERS = new Set([".ssh", ".aws", ".gnupg", ".azure", ".kube"]);

/** Whether an untracked file's name says that it holds a key or a password. */
export function looksLikeCredential(path: BytePath): boolean {
  const names = readablePath(path).toLowerCase().split("/");
  const name = names.pop() ?? "";
  if (names.some((folder) => CREDENTIAL_FOLDERS.has(folder))) return true;
  return !TEMPLATE.test(name) && CREDENTIAL_NAMES.some((pattern) => pattern.test(name));
}

/** An untracked file and its size in bytes. */
export interface Untracked {
  readonly path: BytePath;
  readonly size: number;
}

/**
 * Parts untracked files into those to keep and those to leave out. `folders` are the topmost folders that hold
 * nothing tracked, each with a slash at its end.
 */
export function leaveOut(untracked: readonly Untracked[], folders: readonly BytePath[]): { kept: BytePath[]; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const tooLarge = new Set<string>();
  for (const folder of folders) {
    const inside = untracked.filter(({ path }) => path.startsWith(folder));
    const size = inside.reduce((sum, file) => sum + file.size, 0);
    if (inside.length <= FOLDER_FILE_LIMIT && size <= FOLDER_SIZE_LIMIT) continue;
    tooLarge.add(folder);
    leftOut.push({ path: readablePath(folder), reason: inside.length > FOLDER_FILE_LIMIT ? "too many files" : "too large" });
  }
  const kept: BytePath[] = [];
  for (const { path, size } of untracked) {
    if ([...tooLarge].some((folder) => path.startsWith(folder))) continue;
    if (looksLikeCredential(path)) leftOut.push({ path: readablePath(path), reason: "looks like a credential" });
    else if (size > FILE_LIMIT) leftOut.push({ path: readablePath(path), reason: "too large" });
    else kept.push(path);
  }
  return { kept, leftOut };
}
