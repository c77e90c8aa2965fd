import { execFile, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { program, type Story } from "./story.ts";

const run = promisify(execFile);

/** Whether there is a terminal to try the screen on. */
export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

/** How a terminal is opened. */
export interface PaneOptions {
  readonly rows?: number;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A terminal of a person's own with a shell in it, in the repository of a story. */
export class Pane implements AsyncDisposable {
  readonly #tmux: (...args: string[]) => Promise<string>;

  private constructor(tmux: (...args: string[]) => Promise<string>) {
    this.#tmux = tmux;
  }

  static async open(
    { repository, server, model }: Story,
    { rows = 24, columns = 80, env = {} }: PaneOptions = {},
  ): Promise<Pane> {
    const id = randomUUID().slice(0, 8);
    const socket = join(repository.folder, `tmux-${id}`);
    const shell = join(repository.folder, `shell-${id}.sh`);
    const variables = {
      ...repository.env,
      ANTHROPIC_API_KEY: "a-key",
      ANTHROPIC_BASE_URL: server.url,
      TERM: "xterm-256color",
      ...env,
    };
    // What is long would be broken over rows.
    await writeFile(shell, `PS1='$ '\nbough() { "${process.execPath}" "${program}" -m "${model}" "$@"; }\n`);
    const options = { cwd: repository.path, env: variables, timeout: 20_000 };
    const tmux = async (...args: string[]) =>
      (await run("tmux", ["-S", socket, "-f", "/dev/null", ...args], options)).stdout;
    const size = ["-x", String(columns), "-y", String(rows)];
    await tmux("new-session", "-d", ...size, "bash", "--noprofile", "--rcfile", shell, "-i");
    return new Pane(tmux);
  }

  /** What a person sees. */
  shown(): Promise<string> {
    return this.#tmux("capture-pane", "-p");
  }

  /** What a person sees, with its colours. */
  colored(): Promise<string> {
    return this.#tmux("capture-pane", "-e", "-N", "-p");
  }

  /** Resolves to what is seen as soon as it is so. */
  async until(what: string | ((shown: string) => boolean)): Promise<string> {
    const ends = typeof what === "string" ? (shown: string) => shown.includes(what) : what;
    // tmux shows a picture that is half written: it has to be so the next time too.
    for (let wasSo = false; ; ) {
      const shown = await this.shown();
      const isSo = ends(shown);
      if (isSo && wasSo) return shown;
      wasSo = isSo;
    }
  }

  /** Types a text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
  }

  /** Presses keys by tmux's names for them. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** Types a command at the shell, and sends it. */
  async command(text: string): Promise<void> {
    await this.until((shown) => shown.trimEnd().endsWith("$"));
    await this.type(text);
    await this.press("Enter");
  }

  /** Pastes a text, as a terminal does. */
  async paste(text: string): Promise<void> {
    await this.#tmux("set-buffer", text);
    await this.#tmux("paste-buffer", "-p");
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** What is true of the terminal itself, by tmux's names for it. */
  async flags(...names: string[]): Promise<string> {
    return (await this.#tmux("display-message", "-p", names.map((name) => `#{${name}}`).join(" "))).trim();
  }

  /** Closes the terminal, as a person closes a window. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => "");
  }
}
