import { git, gitEnvironment } from "./git.ts";

/** Where a setting was made: only the first two are the user's own word. */
type Scope = "system" | "global" | "local" | "worktree" | "command" | "unknown";

/** The settings in force in a repository, with where each was made. */
export class EffectiveConfig {
  readonly #settings: readonly { scope: Scope; key: string; value: string }[];

  constructor(settings: readonly { scope: Scope; key: string; value: string }[]) {
    this.#settings = settings;
  }

  /** Reads what git itself would use in this folder. */
  static async read(cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<EffectiveConfig> {
    const args = ["config", "--list", "--show-scope", "--includes", "-z"];
    const { stdout } = await git(args, { cwd, env: gitEnvironment(env) });
    return new EffectiveConfig(parseSettings(stdout.toString()));
  }

  /** The value that counts: the last. */
  get(key: string): string | undefined {
    return this.#settings.findLast((setting) => setting.key === key)?.value;
  }

  /** As git reads a boolean; undefined when it is unset or is none. */
  boolean(key: string): boolean | undefined {
    const value = this.get(key)?.toLowerCase();
    if (value === undefined) return undefined;
    if (["true", "yes", "on", "1", ""].includes(value)) return true;
    return ["false", "no", "off", "0"].includes(value) ? false : undefined;
  }

  /** The settings whose key matches, in order; `own` keeps to those the user made for all repositories. */
  matching(pattern: RegExp, { own = false }: { own?: boolean } = {}): { key: string; value: string }[] {
    return this.#settings.filter(
      ({ scope, key }) => pattern.test(key) && (!own || scope === "system" || scope === "global"),
    );
  }
}

/** A setting prints as its scope, NUL, its key, a line feed, its value, NUL; one without `=` has no line feed. */
function parseSettings(output: string): { scope: Scope; key: string; value: string }[] {
  const fields = output.split("\0");
  const settings: { scope: Scope; key: string; value: string }[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [scope = "", setting = ""] = [fields[i], fields[i + 1]];
    const end = setting.indexOf("\n");
    settings.push({
      scope: isScope(scope) ? scope : "unknown",
      key: end === -1 ? setting : setting.slice(0, end),
      value: end === -1 ? "true" : setting.slice(end + 1),
    });
  }
  return settings;
}

function isScope(text: string): text is Scope {
  return ["system", "global", "local", "worktree", "command"].includes(text);
}
