import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { pathWithin } from "./worktree-path.ts";

/** Managers of versions, the folder each has in the home, and the variable that says where it is. */
const managers = [
  [".asdf", "ASDF_DATA_DIR"],
  [".bun", "BUN_INSTALL"],
  [".deno", "DENO_INSTALL"],
  [".local/share/fnm", "FNM_DIR"],
  [".local/share/mise", "MISE_DATA_DIR"],
  [".local/share/pnpm", "PNPM_HOME"],
  [".nvm", "NVM_DIR"],
  [".pyenv", "PYENV_ROOT"],
  [".rbenv", "RBENV_ROOT"],
  [".rustup", "RUSTUP_HOME"],
  [".volta", "VOLTA_HOME"],
] as const;

/** Where the home keeps other programs and what they need; nothing here holds a key. */
const programFolders = [
  ...[".cargo/bin", ".config/git/ignore", ".ghcup/bin", ".juliaup", ".local/bin", ".local/lib", ".local/pipx"],
  ...[".local/share/pipx", ".local/share/uv/python", ".sdkman", "go/bin", "miniconda3", "anaconda3"],
];

/** Variables that name the folder of one toolchain. */
const rootVariables = [
  ...["ANDROID_HOME", "ANDROID_SDK_ROOT", "ASDF_DIR", "CONDA_PREFIX", "DOTNET_ROOT", "GOROOT", "HOMEBREW_PREFIX"],
  ...["JAVA_HOME", "MAVEN_HOME", "NVM_BIN", "OPAM_SWITCH_PREFIX", "VIRTUAL_ENV"],
];

/** The folders outside of the system's that the user's programs are in: by convention, by variable, by search path. */
export function toolchainFolders(systemFolders: readonly string[], environment = process.env): string[] {
  const home = homedir();
  const managed = managers.map(([folder, variable]) => environment[variable] ?? join(home, folder));
  const named = rootVariables.map((variable) => environment[variable]);
  const conventional = programFolders.map((folder) => join(home, folder));
  const searched = (environment.PATH ?? "").split(":").map((folder) => installation(folder, home));
  const folders = [...managed, ...named, ...conventional, ...searched]
    .filter((folder) => folder !== undefined)
    .filter((folder) => isAbsolute(folder) && existsSync(folder))
    .filter((folder) => systemFolders.every((system) => pathWithin(system, folder) === undefined))
    .filter((folder) => !holdsMore(folder, home));
  return outermost(folders);
}

/** Leaves out what lies in another of the folders: each that is shown takes time. */
function outermost(folders: readonly string[]): string[] {
  const within = (folder: string) =>
    folders.some((other) => other !== folder && pathWithin(other, folder) !== undefined);
  return [...new Set(folders)].filter((folder) => !within(folder)).sort();
}

/** Says where the managers of versions are, which would look in a home that is not the user's. */
export function toolchainVariables(): Record<string, string> {
  const folders = managers.map(([folder, variable]) => [variable, join(homedir(), folder)] as const);
  return Object.fromEntries(folders.filter(([, folder]) => existsSync(folder)));
}

/** What `bin` belongs to, where that is one program's; its libraries lie beside it. */
function installation(bin: string, home: string): string | undefined {
  if (!isAbsolute(bin) || !existsSync(bin) || isRepository(bin)) return undefined;
  const parent = dirname(bin);
  const isBin = /^(s?bin|shims)$/.test(basename(bin)) && !isRepository(parent);
  // A folder right below the home mixes programs with settings and keys: `.cargo`, `.local`, `go`.
  return isBin && dirname(parent) !== home && parent !== home && parent !== "/" ? parent : bin;
}

/** Beside the programs of a repository lie the files that are kept from the model, such as `.env`. */
function isRepository(folder: string): boolean {
  return existsSync(join(folder, ".git"));
}

/** Whether a folder is, or holds, the home or what the host keeps its sockets and its state in. */
function holdsMore(folder: string, home: string): boolean {
  const real = realpathSync(folder);
  return [home, join(home, ".ssh"), join(home, ".config"), join(home, ".local/share"), "/run", "/var", "/proc", "/sys"]
    .concat("/dev", "/tmp", "/home", "/root")
    .some((kept) => pathWithin(real, kept) !== undefined || pathWithin(folder, kept) !== undefined);
}
