import { stat } from "node:fs/promises";
import { type BytePath, bytePathOf, pathBytes } from "./byte-path.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

const ATTRIBUTES = ["filter", "text", "eol", "crlf", "ident", "working-tree-encoding"];

/** Which files git would alter on their way into a commit (line endings, filters): git must hash those itself. */
export class Conversions {
  readonly #gitDir: PrivateGitDir;
  readonly #everyFile: boolean;
  readonly #known = new Map<BytePath, boolean>();
  #anyAttributes: Promise<boolean> | undefined;

  constructor(gitDir: PrivateGitDir, config: EffectiveConfig) {
    this.#gitDir = gitDir;
    this.#everyFile = config.boolean("core.autocrlf") === true || config.get("core.autocrlf")?.toLowerCase() === "input";
  }

  /** Finds those of the paths that git would alter. */
  async among(paths: readonly BytePath[]): Promise<ReadonlySet<BytePath>> {
    if (this.#everyFile) return new Set(paths);
    if (paths.some((path) => path === ".gitattributes" || path.endsWith("/.gitattributes"))) {
      this.#known.clear();
      this.#anyAttributes = Promise.resolve(true);
    }
    this.#anyAttributes ??= hasAttributes(this.#gitDir);
    if (!(await this.#anyAttributes)) return new Set();
    const unknown = paths.filter((path) => !this.#known.has(path));
    if (unknown.length > 0) {
      const altered = await this.#ask(unknown);
      for (const path of unknown) this.#known.set(path, altered.has(path));
    }
    return new Set(paths.filter((path) => this.#known.get(path) === true));
  }

  async #ask(paths: readonly BytePath[]): Promise<ReadonlySet<BytePath>> {
    const input = Buffer.concat(paths.flatMap((path) => [pathBytes(path), Buffer.from([0])]));
    const { stdout } = await this.#gitDir.git(["check-attr", "--stdin", "-z", ...ATTRIBUTES], { input });
    const fields = splitNul(stdout);
    const altered = new Set<BytePath>();
    for (let i = 0; i + 2 < fields.length; i += 3) {
      const [path, value] = [fields[i], fields[i + 2]];
      if (path !== undefined && value !== "unspecified" && value !== "unset") altered.add(path);
    }
    return altered;
  }
}

async function hasAttributes(gitDir: PrivateGitDir): Promise<boolean> {
  const size = (path: string) => stat(path).then((found) => found.size, () => 0);
  const sizes = await Promise.all(gitDir.attributesFiles.map(size));
  if (sizes.some((bytes) => bytes > 0)) return true;
  const { stdout } = await gitDir.git(["ls-files", "-z", "--", ":(glob)**/.gitattributes"]);
  return stdout.length > 0;
}

/** Takes git's `-z` output apart. */
export function splitNul(output: Buffer): BytePath[] {
  const fields = bytePathOf(output).split("\0");
  if (fields.at(-1) === "") fields.pop();
  return fields.map((field) => bytePathOf(Buffer.from(field, "latin1")));
}
