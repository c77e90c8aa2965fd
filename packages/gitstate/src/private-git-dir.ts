import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { EffectiveConfig } from "./effective-config.ts";
import { type GitOptions, type GitOutput, git, gitEnvironment } from "./git.ts";
import type { ObjectFormat } from "./object-store.ts";

/** What a private git dir is made from. */
export interface PrivateGitDirSource {
  readonly commonDir: string;
  /** Where the index of the work tree lives, for the parts of a split one. */
  readonly indexDir: string;
  readonly format: ObjectFormat;
  readonly config: EffectiveConfig;
}

/**
 * A git dir with a configuration that bough wrote, looking at a work tree and at the user's objects. git run
 * through it reads nothing else of the repository, so no hook, filter, monitor or nested repository of anybody's
 * making is run by it.
 */
export class PrivateGitDir {
  readonly path: string;
  readonly workTree: string;
  readonly index: string;
  /** Files beside the work tree's own that name attributes; they need not exist. */
  readonly attributesFiles: readonly string[];
  readonly #objects: string;
  readonly #fetchesLazily: boolean;

  private constructor(path: string, workTree: string, { commonDir, config }: PrivateGitDirSource) {
    this.path = path;
    this.workTree = workTree;
    this.index = join(path, "index");
    this.attributesFiles = [
      join(path, "info", "attributes"),
      userFile(config.get("core.attributesfile"), "attributes"),
    ];
    this.#objects = join(commonDir, "objects");
    this.#fetchesLazily = promisorRemotes(config).length > 0;
  }

  /** Writes the folder anew, but for an index that is there already. */
  static async create(path: string, workTree: string, source: PrivateGitDirSource): Promise<PrivateGitDir> {
    const info = join(path, "info");
    await Promise.all([
      mkdir(info, { recursive: true }),
      mkdir(join(path, "refs"), { recursive: true }),
      mkdir(join(path, "objects"), { recursive: true }),
    ]);
    await Promise.all([
      replaceFile(join(path, "HEAD"), (draft) => writeFile(draft, "ref: refs/heads/none\n")),
      replaceFile(join(path, "config"), (draft) => writeFile(draft, formatConfig(source))),
      copyOrRemove(join(source.commonDir, "info", "exclude"), join(info, "exclude")),
      copyOrRemove(join(source.commonDir, "info", "attributes"), join(info, "attributes")),
      copyOrRemove(join(source.indexDir, "info", "sparse-checkout"), join(info, "sparse-checkout")),
      copyOrRemove(join(source.commonDir, "shallow"), join(path, "shallow")),
      copySharedIndexes(source.indexDir, path),
    ]);
    return new PrivateGitDir(path, workTree, source);
  }

  /** How to start git through this dir. */
  command(args: readonly string[], index: string = this.index) {
    return {
      args,
      cwd: this.workTree,
      env: {
        ...gitEnvironment(),
        GIT_DIR: this.path,
        GIT_WORK_TREE: this.workTree,
        GIT_INDEX_FILE: index,
        GIT_OBJECT_DIRECTORY: this.#objects,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_ATTR_NOSYSTEM: "1",
        ...(this.#fetchesLazily ? { GIT_NO_LAZY_FETCH: "0", GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh" } : {}),
      },
    };
  }

  /** Runs git through this dir. */
  git(
    args: readonly string[],
    { index, ...options }: Pick<GitOptions, "input" | "accept"> & { index?: string } = {},
  ): Promise<GitOutput> {
    const { cwd, env } = this.command(args, index);
    return git(args, { cwd, env, workTree: this.workTree, ...options });
  }
}

const ON_OR_OFF = [
  "core.filemode",
  "core.ignorecase",
  "core.symlinks",
  "core.precomposeunicode",
  "core.protecthfs",
  "core.protectntfs",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
] as const;

const ONE_OF: Readonly<Record<string, readonly string[]>> = {
  "core.autocrlf": ["true", "false", "input"],
  "core.eol": ["lf", "crlf", "native"],
};

/** Settings of ours: nothing is run, nothing is fetched by a command of somebody's choosing, text is UTF-8. */
const FIXED = {
  "core.bare": "false",
  "core.hookspath": "/dev/null",
  "core.fsmonitor": "false",
  "core.untrackedcache": "false",
  "core.splitindex": "false",
  "core.quotepath": "false",
  "core.safecrlf": "false",
  "core.loosecompression": "1",
  "core.sshcommand": "false",
  "index.version": "2",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "commit.gpgsign": "false",
  "submodule.recurse": "false",
  "protocol.ext.allow": "never",
  "i18n.commitencoding": "UTF-8",
  "i18n.logoutputencoding": "UTF-8",
  "checkout.workers": "4",
  "checkout.thresholdforparallelism": "1000",
} as const;

function formatConfig({ commonDir, format, config }: PrivateGitDirSource): string {
  const settings = new Map<string, string>();
  settings.set("core.repositoryformatversion", "1");
  settings.set("extensions.objectformat", format);
  for (const key of ON_OR_OFF) {
    const value = config.boolean(key);
    if (value !== undefined) settings.set(key, String(value));
  }
  for (const [key, allowed] of Object.entries(ONE_OF)) {
    const value = canonical(config.get(key));
    if (value !== undefined && allowed.includes(value)) settings.set(key, value);
  }
  for (const { key, value } of config.matching(/^filter\..*\.(?:clean|smudge|process|required)$/s, { own: true })) {
    settings.set(key, value);
  }
  settings.set("core.excludesfile", userFile(config.get("core.excludesfile"), "ignore"));
  settings.set("core.attributesfile", userFile(config.get("core.attributesfile"), "attributes"));
  settings.set("lfs.storage", join(commonDir, "lfs"));
  for (const [key, value] of Object.entries(FIXED)) settings.set(key, value);
  for (const [key, value] of promisorSettings(config)) settings.set(key, value);
  return [...settings].map(([key, value]) => formatSetting(key, value)).join("");
}

/** The remotes a partial clone gets missing objects from, where git can reach them by a protocol of its own. */
function promisorRemotes(config: EffectiveConfig): { name: string; url: string }[] {
  const named = config
    .matching(/^remote\..*\.promisor$/s)
    .map(({ key }) => key.slice("remote.".length, -".promisor".length));
  return [...new Set(named)].flatMap((name) => {
    const url = config.get(`remote.${name}.url`);
    return url !== undefined && /^(?:(?:https?|ssh|git|file):\/\/|\/|[\w.-]+@[\w.-]+:)/.test(url)
      ? [{ name, url }]
      : [];
  });
}

/** Where objects are fetched from is the repository's word; by which programs and with which keys is the user's own. */
function promisorSettings(config: EffectiveConfig): [string, string][] {
  const remotes = promisorRemotes(config);
  if (remotes.length === 0) return [];
  const own = config.matching(/^(?:credential|http|url)\.|^core\.sshcommand$/s, { own: true });
  return [
    ["core.sshcommand", "ssh"],
    ...own.map(({ key, value }): [string, string] => [key, value]),
    ...remotes.flatMap(({ name, url }): [string, string][] => [
      [`remote.${name}.url`, url],
      [`remote.${name}.promisor`, "true"],
    ]),
  ];
}

/** The words git takes for true and false. */
function canonical(value: string | undefined): string | undefined {
  const lower = value?.toLowerCase();
  if (lower === undefined) return undefined;
  if (["yes", "on", "1", ""].includes(lower)) return "true";
  return ["no", "off", "0"].includes(lower) ? "false" : lower;
}

/** Excludes and attributes name patterns and no programs, so the path may come from any configuration. */
function userFile(configured: string | undefined, standard: "ignore" | "attributes"): string {
  const home = process.env["HOME"] ?? homedir();
  if (configured !== undefined) {
    const path = configured.replace(/^~(?=\/)/, home);
    return isAbsolute(path) ? path : "/dev/null";
  }
  const folder = process.env["XDG_CONFIG_HOME"] || join(home, ".config");
  return join(folder, "git", standard);
}

function formatSetting(key: string, value: string): string {
  const [section = "", ...rest] = key.split(".");
  const name = rest.pop() ?? "";
  const subsection = rest.length === 0 ? "" : ` "${rest.join(".").replace(/["\\]/g, "\\$&")}"`;
  const quoted = value.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `[${section}${subsection}]\n\t${name} = "${quoted}"\n`;
}

async function copyOrRemove(from: string, to: string): Promise<void> {
  try {
    await replaceFile(to, (draft) => copyFile(from, draft));
  } catch {
    await rm(to, { force: true });
  }
}

/** Another bough may be starting git in the same dir: it finds the file as it was or as it will be. */
async function replaceFile(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  await write(draft);
  await rename(draft, path);
}

async function copySharedIndexes(from: string, to: string): Promise<void> {
  const names = await readdir(from);
  for (const name of names.filter((name) => name.startsWith("sharedindex."))) {
    if (!(await exists(join(to, name)))) await copyFile(join(from, name), join(to, name));
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Reads from a private git dir's configuration which repository it was written for; undefined when it is none. */
export async function commonDirOf(path: string): Promise<string | undefined> {
  const config = await readFile(join(path, "config"), "utf8").catch(() => "");
  const storage = /^\[lfs\]\n\tstorage = "(.*)"$/m.exec(config)?.[1];
  if (storage === undefined || !storage.endsWith("/lfs")) return undefined;
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t" };
  return dirname(storage.replace(/\\(.)/g, (_, escaped: string) => escapes[escaped] ?? escaped));
}
