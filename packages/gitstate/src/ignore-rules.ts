import type { BytePath } from "./byte-path.ts";
import { PathQuestions } from "./path-questions.ts";
import type { PrivateGitDir } from "./private-git-dir.ts";

/** Tells which paths git ignores. */
export class IgnoreRules {
  readonly #questions: PathQuestions;

  constructor(gitDir: PrivateGitDir) {
    // For each path git prints where the rule stands, its line, the rule itself, and the path.
    this.#questions = new PathQuestions(gitDir, {
      args: ["check-ignore", "-z", "--stdin", "-v", "-n", "--no-index"],
      fields: 4,
    });
  }

  /** Finds those of the untracked paths that are ignored. */
  async among(paths: readonly BytePath[]): Promise<ReadonlySet<BytePath>> {
    if (paths.some((path) => path === ".gitignore" || path.endsWith("/.gitignore"))) this.forget();
    const answers = await this.#questions.ask(paths);
    const ignored = answers.flatMap(([, , rule = "", path]) =>
      // No rule matched, or the last one that did takes the path out again.
      path === undefined || rule === "" || rule.startsWith("!") ? [] : [path],
    );
    return new Set(ignored);
  }

  /** Pipes that were met where rules may stand. */
  get pipes(): ReadonlySet<BytePath> {
    return this.#questions.pipes;
  }

  /** Reads the rules anew for the next question. */
  forget(): void {
    this.#questions.forget();
  }

  /** Ends the process that answers. */
  close(): Promise<void> {
    return this.#questions.close();
  }
}
