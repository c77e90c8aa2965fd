import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative } from "node:path";

/** The files of settings in a repository, the later one says more; those of another agent come before ours. */
export const repositoryFiles = [
  { path: ".claude/settings.json", isForeign: true },
  { path: ".bough/settings.json", isForeign: false },
  { path: ".claude/settings.local.json", isForeign: true },
  { path: ".bough/settings.local.json", isForeign: false },
] as const;

/** The settings that are this user's on this machine. */
export const localSettings = ".bough/settings.local.json";

/** The user's own file of settings. */
export function userSettings(env: NodeJS.ProcessEnv): string {
  return join(userFolder(env), "settings.json");
}

/** The folder of what the user wrote for all repositories. */
export function userFolder(env: NodeJS.ProcessEnv): string {
  return join(base(env.XDG_CONFIG_HOME, join(homeFolder(env), ".config")), "bough");
}

/** What that folder is called where no path of the machine is to be named. */
export function userFolderName(env: NodeJS.ProcessEnv): string {
  const below = relative(homeFolder(env), userFolder(env));
  return below.startsWith("..") ? "$XDG_CONFIG_HOME/bough" : join("~", below);
}

/** The user's home. */
export function homeFolder({ HOME }: NodeJS.ProcessEnv): string {
  return base(HOME, homedir());
}

/** The file in which it is kept what the user trusts. */
export function trustFile(env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), "trust.json");
}

/** The folder in which it is kept which system prompts were used. */
export function promptFolder(env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), "prompts");
}

function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(base(env.XDG_STATE_HOME, join(homeFolder(env), ".local/state")), "bough");
}

/** A relative `XDG_…` is ignored, as its specification says. */
function base(configured: string | undefined, standard: string): string {
  return configured !== undefined && isAbsolute(configured) ? configured : standard;
}

/** Resolves to the real path of the checkout that a folder is in, if it is in one. */
export async function checkoutOf(cwd: string): Promise<string | undefined> {
  try {
    for (let folder = await realpath(cwd); ; folder = dirname(folder)) {
      if (await exists(join(folder, ".git"))) return folder;
      if (dirname(folder) === folder) return undefined;
    }
  } catch {
    // Whoever opens the repository says what is wrong with the folder.
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
