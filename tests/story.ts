import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import {
  type ModelScript,
  type ModelServer,
  startModelServer,
  type TemporaryRepository,
  type TemporaryRepositoryOptions,
  temporaryRepository,
} from "@bough/test-kit";

/** The built program. */
export const program = join(import.meta.dirname, "../apps/tui/dist/bough.js");

/** The four ways to a model, and what a user sets for each. */
const providers = {
  anthropic: { model: "anthropic/claude-sonnet-5-5", key: "ANTHROPIC_API_KEY", url: "ANTHROPIC_BASE_URL", path: "" },
  openai: { model: "openai/gpt-5.5", key: "OPENAI_API_KEY", url: "OPENAI_BASE_URL", path: "/v1" },
  google: { model: "google/gemini-3.8-flash", key: "GEMINI_API_KEY", url: "GOOGLE_GEMINI_BASE_URL", path: "" },
  "openai-compatible": { model: "openai-compatible/local", key: "OPENAI_API_KEY", url: "OPENAI_BASE_URL", path: "/v1" },
} as const;

type ProviderName = keyof typeof providers;

export const providerNames = ["anthropic", "openai", "google", "openai-compatible"] as const satisfies ProviderName[];

export interface StoryOptions extends TemporaryRepositoryOptions {
  /** What the model answers. */
  readonly script?: ModelScript;
  /** Over which wire; Anthropic's unless told. */
  readonly provider?: ProviderName;
  /** The user's own variables, beside those that lead to the model. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program left when it ended. */
export interface Ended {
  /** The exit code; undefined when a signal killed it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** What is piped in; nothing unless told. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A user with a repository, a model and the built program; `await using` clears it all away. */
export interface Story extends AsyncDisposable {
  readonly repository: TemporaryRepository;
  readonly server: ModelServer;
  /** `<provider>/<id>`, as the user writes it behind `-m`. */
  readonly model: string;
  /** Runs bough to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Runs bough to its end in another folder, with input, or with other variables. */
  runWith(options: RunOptions, ...args: string[]): Promise<Ended>;
  /** Runs another program of ours to its end, by the path of its source. */
  runProgram(path: string, ...args: string[]): Promise<Ended>;
  /** Starts bough and goes on while it runs. */
  start(...args: string[]): Running;
  startWith(options: RunOptions, ...args: string[]): Running;
  /** Runs git in the repository. */
  git(...args: string[]): Promise<string>;
}

/** Sets the scene: a repository, a model server and an environment that holds only what the story says. */
export async function story(options: StoryOptions = {}): Promise<Story> {
  const { script = [], provider = "anthropic", env = {}, ...repositoryOptions } = options;
  const [repository, server] = await Promise.all([
    temporaryRepository({ files: { "README.md": "# A project\n" }, ...repositoryOptions }),
    startModelServer(script),
  ]);
  const { model, key, url, path } = providers[provider];
  const variables = { ...repository.env, [key]: "a-key", [url]: `${server.url}${path}`, ...env };
  const startProgram = (
    path: string,
    { cwd = repository.path, input = "", env: more = {} }: RunOptions,
    ...args: string[]
  ) => {
    const child = spawn(process.execPath, [path, ...args], { cwd, env: { ...variables, ...more } });
    // It may end without having read what is piped in.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    return new Running(child);
  };
  const startWith = (runOptions: RunOptions, ...args: string[]) => startProgram(program, runOptions, ...args);
  return {
    repository,
    server,
    model,
    startWith,
    runProgram: (path, ...args) => startProgram(path, {}, ...args).ended,
    start: (...args) => startWith({}, ...args),
    runWith: (runOptions, ...args) => startWith(runOptions, ...args).ended,
    run: (...args) => startWith({}, ...args).ended,
    git: (...args) => repository.git(...args),
    async [Symbol.asyncDispose]() {
      await server.close();
      await repository[Symbol.asyncDispose]();
    },
  };
}

/** What bough says once where the machine has no sandbox is not what a story is about. */
function withoutSandboxNotice(printed: string): string {
  return printed.replace(/^.*Commands run without a sandbox: .*\n/gm, "");
}

/** A bough at work. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended and all it printed has arrived. */
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(child, "close").then(([code]) => ({
      code: typeof code === "number" ? code : undefined,
      stdout: withoutSandboxNotice(this.#stdout),
      stderr: withoutSandboxNotice(this.#stderr),
    }));
  }

  /** Resolves once its standard output holds the text. */
  async printed(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      if (this.child.stdout.readableEnded) throw new Error(`It ended without printing ${JSON.stringify(text)}.`);
      await Promise.race([once(this.child.stdout, "data"), once(this.child.stdout, "end")]);
    }
  }
}
