import { lstatSync } from "node:fs";
import { join } from "node:path";
import { keyVariables } from "@bough/models";
import { runWithInput, type SeparateOutput, ShellSession } from "@bough/sandbox";
import type { PermissionMode } from "../permissions/modes.ts";
import { toolNames } from "../permissions/rule.ts";
import type { HookSetting } from "../settings/load-settings.ts";
import type { HookEvent } from "../settings/settings-schema.ts";
import { failure, type HookAnswer, noAnswer, readHookAnswer, withAnswer } from "./hook-answer.ts";
import { scriptFolders } from "./script-folders.ts";

/** What hooks are run with. */
export interface HooksOptions {
  readonly settings: readonly HookSetting[];
  readonly session: string;
  readonly branch: string;
  readonly worktree: string;
  /** The root of the user's checkout. */
  readonly checkout: string;
  readonly commonDir: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A moment at which hooks run. */
export interface HookMoment {
  readonly event: HookEvent;
  /** What matchers are compared with: the name of the tool, or how the session began. */
  readonly subject?: string;
  /** What hooks are told of it. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly mode: PermissionMode;
  readonly signal?: AbortSignal;
}

const SECONDS = 60;

/**
 * Runs the user's hooks, in the order of the settings. Those of a repository are confined like commands, since what they
 * run may be the agent's work; the user's own can do what the user can.
 */
export class Hooks {
  readonly #options: HooksOptions;
  /** Not the one of the commands, which could have left something in its home. */
  readonly #shell: ShellSession;

  constructor(options: HooksOptions) {
    this.#options = options;
    const { worktree, commonDir } = options;
    this.#shell = new ShellSession({ worktree, readable: [commonDir] });
  }

  /** Whether there are hooks for a moment. */
  has(event: HookEvent, subject?: string): boolean {
    return this.#chosen(event, subject).length > 0;
  }

  /** Runs the hooks of a moment and resolves to what they say together; after a no the others are not asked. */
  async run(moment: HookMoment): Promise<HookAnswer> {
    let answer = noAnswer;
    for (const hook of this.#chosen(moment.event, moment.subject)) {
      const input = answer.input === undefined ? {} : { tool_input: answer.input };
      answer = withAnswer(answer, await this.#ask(hook, { ...moment, fields: { ...moment.fields, ...input } }));
      if (answer.verdict === "deny" || answer.stop !== undefined) break;
    }
    return answer;
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }

  #chosen(event: HookEvent, subject?: string): HookSetting[] {
    const names = subject === undefined ? [] : toolNames(subject);
    return this.#options.settings.filter((hook) => hook.event === event && matches(hook.matcher, names));
  }

  async #ask(hook: HookSetting, { event, fields, mode, signal }: HookMoment): Promise<HookAnswer> {
    const { session, branch, worktree } = this.#options;
    const input = JSON.stringify({
      session_id: session,
      // The conversation is in the commits of the branch.
      transcript_path: "",
      branch,
      cwd: worktree,
      permission_mode: mode,
      hook_event_name: event,
      ...fields,
    });
    try {
      const result = await this.#start(hook, { input, timeout: (hook.timeout ?? SECONDS) * 1000, signal });
      return readHookAnswer(event, hook.command, result);
    } catch (error) {
      return failure(event, hook.command, error instanceof Error ? error.message : String(error));
    }
  }

  async #start(
    { command, isRepository }: HookSetting,
    options: { readonly input: string; readonly timeout: number; readonly signal: AbortSignal | undefined },
  ): Promise<SeparateOutput> {
    const { worktree, checkout, variables } = this.#options;
    if (!isRepository) {
      return runWithInput({
        ...options,
        command,
        cwd: worktree,
        env: { ...withoutKeys(), ...variables, ...projectDir(checkout) },
      });
    }
    // Where the sandbox has no mounts, scripts are run from the checkout, as without one.
    const hasMounts = (await this.#shell.support()).kind === "bubblewrap";
    return this.#shell.runWithInput({
      ...options,
      command,
      variables: { ...variables, ...projectDir(hasMounts ? worktree : checkout) },
      replaced: scriptFolders
        .filter((folder) => isFolder(join(checkout, folder)))
        .map((folder) => ({ from: join(checkout, folder), to: join(worktree, folder) })),
    });
  }
}

function matches(matcher: string | undefined, names: readonly string[]): boolean {
  if (matcher === undefined || matcher === "" || matcher === "*" || names.length === 0) return true;
  const pattern = new RegExp(`^(?:${matcher})$`);
  return names.some((name) => pattern.test(name));
}

/** Where hooks that were written for another agent look for their scripts, and the same by our name. */
function projectDir(path: string): Record<string, string> {
  return { CLAUDE_PROJECT_DIR: path, BOUGH_PROJECT_DIR: path };
}

function withoutKeys(): Record<string, string> {
  const keys = new Set(keyVariables());
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || keys.has(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
