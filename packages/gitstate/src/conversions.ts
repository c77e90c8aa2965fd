import { stat } from "node:fs/promises";
import { type BytePath, readablePath } from "./byte-path.ts";
import type { EffectiveConfig } from "./effective-config.ts";
import { PathQuestions } from "./path-questions.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/**
 * What git would do to a file on its way into a commit: run it through a filter, make its line endings LF, or do so
 * where the file looks like text and was not committed with CRLF before.
 */
type Conversion = "filter" | "line-endings" | "line-endings-of-text";

const ATTRIBUTES = ["filter", "ident", "working-tree-encoding", "text", "crlf", "eol"] as const;

/** Hashes files as git would commit them. Git itself does it for those it would alter; nobody else need wait for it. */
export class Conversions {
  readonly #gitDir: PrivateGitDir;
  readonly #autocrlf: boolean;
  readonly #known = new Map<BytePath, Conversion | undefined>();
  readonly #questions: PathQuestions;
  #anyAttributes: Promise<boolean> | undefined;

  constructor(gitDir: PrivateGitDir, config: EffectiveConfig) {
    this.#gitDir = gitDir;
    // For each attribute of a path git prints the path, the attribute, and its value.
    const args = ["check-attr", "--stdin", "-z", ...ATTRIBUTES];
    this.#questions = new PathQuestions(gitDir, { args, fields: ATTRIBUTES.length * 3 });
    this.#autocrlf = config.boolean("core.autocrlf") === true || config.get("core.autocrlf")?.toLowerCase() === "input";
  }

  /** Finds what git would do to the paths; those it would leave alone are not in the answer. */
  async of(paths: readonly BytePath[]): Promise<ReadonlyMap<BytePath, Conversion>> {
    if (paths.some((path) => path === ".gitattributes" || path.endsWith("/.gitattributes"))) {
      this.forget();
      this.#anyAttributes = Promise.resolve(true);
    }
    if (paths.length === 0) return new Map();
    this.#anyAttributes ??= hasAttributes(this.#gitDir);
    const asked = (await this.#anyAttributes) ? paths.filter((path) => !this.#known.has(path)) : [];
    if (asked.length > 0) await this.#ask(asked);
    return new Map(
      paths.flatMap((path) => {
        const conversion = this.#known.has(path) ? this.#known.get(path) : this.#byDefault();
        return conversion === undefined ? [] : [[path, conversion] as const];
      }),
    );
  }

  /** Pipes that were met where attributes may stand. */
  get pipes(): ReadonlySet<BytePath> {
    return this.#questions.pipes;
  }

  /** Reads the attributes anew for the next question. */
  forget(): void {
    this.#known.clear();
    this.#questions.forget();
  }

  /** Ends the process that answers. */
  close(): Promise<void> {
    return this.#questions.close();
  }

  /** Writes the file as git would commit it and resolves to its id; undefined when it would commit it as it is. */
  async write(path: BytePath, content: Buffer, conversion: Conversion): Promise<string | undefined> {
    if (conversion !== "filter" && !content.includes("\r\n")) return undefined;
    if (conversion === "line-endings-of-text" && (await this.#isCommittedWithCrlf(path))) return undefined;
    const args = ["hash-object", "-w", "--stdin", `--path=${readablePath(path)}`];
    return (await this.#gitDir.git(args, { input: content })).stdout.toString().trim();
  }

  #byDefault(): Conversion | undefined {
    return this.#autocrlf ? "line-endings-of-text" : undefined;
  }

  async #ask(paths: readonly BytePath[]): Promise<void> {
    const answers = await this.#questions.ask(paths);
    for (const [i, path] of paths.entries()) {
      const values = ATTRIBUTES.map((_, n) => answers[i]?.[n * 3 + 2] ?? "unspecified");
      this.#known.set(path, this.#conversion(values));
    }
  }

  #conversion([filter, ident, encoding, text, crlf, eol]: readonly string[]): Conversion | undefined {
    if (isGiven(filter) || isGiven(ident) || isGiven(encoding)) return "filter";
    // `crlf` is what `text` was called once.
    const wanted = text === "unspecified" ? crlf : text;
    if (wanted === "unset") return undefined;
    if (wanted === "auto") return "line-endings-of-text";
    return isGiven(wanted) || isGiven(eol) ? "line-endings" : this.#byDefault();
  }

  /** What was committed with CRLF keeps it, or a change of one line would look like one of every line. */
  async #isCommittedWithCrlf(path: BytePath): Promise<boolean> {
    const args = ["cat-file", "blob", `:0:${readablePath(path)}`];
    const { stdout, exitCode } = await this.#gitDir.git(args, { accept: [128] });
    if (exitCode !== 0 || stdout.includes(0)) return false;
    return stdout.includes("\r\n") && !/\r(?!\n)/.test(stdout.toString("latin1"));
  }
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== "unspecified" && value !== "unset";
}

async function hasAttributes(gitDir: PrivateGitDir): Promise<boolean> {
  const size = (path: string) =>
    stat(path).then(
      (found) => found.size,
      () => 0,
    );
  const sizes = await Promise.all(gitDir.attributesFiles.map(size));
  if (sizes.some((bytes) => bytes > 0)) return true;
  const { stdout } = await gitDir.git(["ls-files", "-z", "--", ":(glob)**/.gitattributes"]);
  return stdout.length > 0;
}
