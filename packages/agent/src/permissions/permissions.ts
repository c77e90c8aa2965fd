import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { WorktreeFiles } from "@bough/sandbox";
import type { Tool, ToolContext } from "../tool.ts";
import type { Call, Decision, Place, Rules } from "./judge.ts";
import type { Answer, Ask, PermissionMode } from "./modes.ts";
import { NETWORK, parseRule, type Rule } from "./rule.ts";

/** What an agent's permissions are made of. */
export interface PermissionsOptions {
  readonly mode: PermissionMode;
  readonly rules?: Rules;
  /** The root of the user's checkout, which the worktree stands for. */
  readonly checkout: string;
  /** Resolves to whether commands can be confined here; with `bypassPermissions` they never are. */
  readonly canConfine: () => Promise<boolean>;
  /** Keeps a rule for later sessions. */
  readonly keepRule?: (rule: string) => Promise<void>;
}

/** What asking takes. */
export interface AskContext {
  readonly files: WorktreeFiles;
  readonly ask: Ask | undefined;
  readonly signal: AbortSignal;
  readonly opinion?: Opinion;
}

/** What a program of the user's thinks of a call: it can answer what a rule could, or have a person asked. */
export interface Opinion {
  readonly verdict: "allow" | "ask";
  readonly why: string;
}

/** Whether a call may run. */
export type Permission = { readonly allow: true } | { readonly allow: false; readonly reason: string };

const NO_RULES: Rules = { allow: [], ask: [], deny: [] };

/** What an agent may do: its mode, its rules, and what a person allowed since it started. */
export class Permissions {
  mode: PermissionMode;
  readonly #options: PermissionsOptions;
  readonly #allowed: Rule[] = [];
  /** Questions are put one after the other: the answer to one may settle the next. */
  #questions: Promise<unknown> = Promise.resolve();

  constructor(options: PermissionsOptions) {
    this.mode = options.mode;
    this.#options = options;
  }

  /** Whether commands may reach the network. */
  get hasNetwork(): boolean {
    const { allow } = this.#rules;
    return this.mode === "bypassPermissions" || allow.some(({ tool }) => tool === NETWORK);
  }

  /** Decides whether a call may run, and asks a person where it is theirs to decide. */
  async permit(tool: Tool, input: Record<string, unknown>, context: AskContext): Promise<Permission> {
    // What reads shell commands is for calls, and the first request to the model need not wait for it.
    const { judge } = await import("./judge.ts");
    const call = await readCall(tool, input, context.files);
    const isSandboxed = this.mode !== "bypassPermissions" && (await this.#options.canConfine());
    const judged = () => weigh(judge(call, this.#place(context.files, isSandboxed)), context.opinion, this.mode);
    const first = judged();
    if (first.verdict !== "ask") return permission(first);
    const answered = this.#questions.then(async () => {
      const decision = judged();
      return decision.verdict === "ask" ? this.#ask(tool, input, decision, context) : permission(decision);
    });
    this.#questions = answered.catch(() => {});
    return unlessAborted(answered, context.signal);
  }

  /** What a call that was permitted may see of the files that it does not name, such as those it finds. */
  async readable(
    tool: Tool,
    input: Record<string, unknown>,
    files: WorktreeFiles,
  ): Promise<Pick<ToolContext, "mayRead" | "hiddenBy">> {
    const place = { mode: this.mode, rules: this.#rules, root: files.root, checkout: this.#options.checkout };
    const [{ hidingRules }, named] = await Promise.all([import("./judge.ts"), pathsOf(tool, input, files)]);
    const { rules, hides } = hidingRules(tool.name, named, { ...place, home: homedir() });
    return { hiddenBy: rules, mayRead: (path) => !hides(join(files.root, path)) };
  }

  async #ask(
    tool: Tool,
    input: Record<string, unknown>,
    { why, rules }: Decision,
    { ask, signal }: AskContext,
  ): Promise<Permission> {
    if (ask === undefined) return { allow: false, reason: `nobody is there to be asked, and ${why}` };
    signal.throwIfAborted();
    // Somebody who is asked may not look at the signal, and an interrupted turn does not wait for their answer.
    const question = { type: "permission", tool: tool.name, input, why, rules } as const;
    const answer = await unlessAborted(ask(question, { signal }), signal);
    if (!answer.allow) return { allow: false, reason: answer.reason ?? "" };
    await this.#remember(answer.remember, rules);
    return { allow: true };
  }

  async #remember(remember: Extract<Answer, { allow: true }>["remember"], offered: readonly string[]): Promise<void> {
    // Only what was shown can have been meant.
    if (remember === undefined || !offered.includes(remember.rule)) return;
    const rule = parseRule(remember.rule);
    if (rule === undefined) return;
    this.#allowed.push(rule);
    if (remember.for === "always") await this.#options.keepRule?.(remember.rule);
  }

  get #rules(): Rules {
    const { rules = NO_RULES } = this.#options;
    return { ...rules, allow: [...rules.allow, ...this.#allowed] };
  }

  #place(files: WorktreeFiles, isSandboxed: boolean): Place {
    return {
      mode: this.mode,
      rules: this.#rules,
      root: files.root,
      checkout: this.#options.checkout,
      cwd: files.commandFolder,
      home: homedir(),
      isSandboxed,
      hasNetwork: this.hasNetwork,
    };
  }
}

/** What no rule could allow stays a person's to decide, and what is denied stays denied. */
function weigh(decision: Decision, opinion: Opinion | undefined, mode: PermissionMode): Decision {
  if (opinion?.verdict === "ask" && decision.verdict === "allow") {
    return { verdict: mode === "dontAsk" ? "deny" : "ask", why: opinion.why, rules: [] };
  }
  const isAnswered = opinion?.verdict === "allow" && decision.verdict === "ask" && decision.rules.length > 0;
  return isAnswered ? { ...decision, verdict: "allow" } : decision;
}

function permission({ verdict, why }: Decision): Permission {
  return verdict === "allow" ? { allow: true } : { allow: false, reason: why };
}

async function readCall(tool: Tool, input: Record<string, unknown>, files: WorktreeFiles): Promise<Call> {
  const { command, network } = input;
  const { analyzeCommand } = await import("./command-rules.ts");
  return {
    tool: tool.name,
    effect: tool.effect,
    paths: await pathsOf(tool, input, files),
    command: tool.name === "Bash" && typeof command === "string" ? analyzeCommand(command) : undefined,
    wantsNetwork: network === true,
  };
}

/** The files that a call names: where the path says, and where links lead it. */
async function pathsOf(tool: Tool, input: Record<string, unknown>, files: WorktreeFiles): Promise<string[]> {
  if (tool.effect === "execute") return [];
  const named = [input.file_path, input.path].find((path) => typeof path === "string");
  if (named === undefined) return [];
  try {
    const asked = files.resolve(named);
    return [...new Set([asked, await realPath(asked, files)])].map((path) => join(files.root, path));
  } catch {
    // The tool refuses it, and says why.
    return [];
  }
}

/** Where a file is, or will be once it is written. */
async function realPath(path: string, files: WorktreeFiles): Promise<string> {
  const found = await files.stat(path);
  if (found !== undefined || path === ".") return found?.path ?? path;
  return join(await realPath(dirname(path), files), basename(path));
}

function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
