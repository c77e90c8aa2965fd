import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { WorktreeFiles } from "@bough/sandbox";
import type { Tool, ToolContext } from "../tool.ts";
import { hidingRules } from "./hidden-files.ts";
import type { Call, Decision, Place } from "./judge.ts";
import type { Answer, Ask, PermissionMode } from "./modes.ts";
import { describeOffer, type Offer } from "./offer.ts";
import { NETWORK, parseRule, type Rule, type Rules } from "./rule.ts";
import { untilAborted } from "./until-aborted.ts";

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
    const { allow } = this.rules;
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
    return untilAborted(answered, context.signal);
  }

  /** What a call that was permitted may see of the files that it does not name, such as those it finds. */
  async readable(
    tool: Tool,
    input: Record<string, unknown>,
    files: WorktreeFiles,
  ): Promise<Pick<ToolContext, "mayRead" | "hiddenBy">> {
    const place = { mode: this.mode, rules: this.rules, root: files.root, checkout: this.#options.checkout };
    const named = await pathsOf(tool, input, files);
    const { rules, hides } = hidingRules(tool.name, named, { ...place, home: homedir() });
    return { hiddenBy: rules, mayRead: (path) => !hides(join(files.root, path)) };
  }

  async #ask(
    tool: Tool,
    input: Record<string, unknown>,
    { why, offers }: Decision,
    { ask, signal }: AskContext,
  ): Promise<Permission> {
    if (ask === undefined) return { allow: false, reason: `nobody is there to be asked, and ${why}` };
    signal.throwIfAborted();
    // Somebody who is asked may not look at the signal, and an interrupted turn does not wait for their answer.
    const question = { type: "permission", tool: tool.name, input, why, rules: offers.map(describeOffer) } as const;
    const answer = await untilAborted(ask(question, { signal }), signal);
    if ("text" in answer) return { allow: false, reason: answer.text };
    if (!answer.allow) return { allow: false, reason: answer.reason ?? "" };
    await this.#remember(answer.remember, offers);
    return { allow: true };
  }

  async #remember(remember: Extract<Answer, { allow: true }>["remember"], offers: readonly Offer[]): Promise<void> {
    // Only what was shown can have been meant.
    const offer = offers.find((each) => describeOffer(each) === remember?.rule) ?? [];
    this.#allowed.push(...offer.flatMap((rule) => parseRule(rule) ?? []));
    if (remember?.for !== "always") return;
    for (const rule of offer) await this.#options.keepRule?.(rule);
  }

  /** The rules in force, those that a person allowed since among them. */
  get rules(): Rules {
    const { rules = NO_RULES } = this.#options;
    return { ...rules, allow: [...rules.allow, ...this.#allowed] };
  }

  #place(files: WorktreeFiles, isSandboxed: boolean): Place {
    return {
      mode: this.mode,
      rules: this.rules,
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
    return { verdict: mode === "dontAsk" ? "deny" : "ask", why: opinion.why, offers: [] };
  }
  const isAnswered = opinion?.verdict === "allow" && decision.verdict === "ask" && decision.offers.length > 0;
  return isAnswered ? { ...decision, verdict: "allow" } : decision;
}

function permission({ verdict, why }: Decision): Permission {
  return verdict === "allow" ? { allow: true } : { allow: false, reason: why };
}

async function readCall(tool: Tool, input: Record<string, unknown>, files: WorktreeFiles): Promise<Call> {
  const { command, network, name } = input;
  const { analyzeCommand } = await import("./command-rules.ts");
  return {
    tool: tool.name,
    effect: tool.effect,
    paths: await pathsOf(tool, input, files),
    ...(tool.name === "Skill" && typeof name === "string" ? { skill: name } : {}),
    command: tool.name === "Bash" && typeof command === "string" ? analyzeCommand(command) : undefined,
    wantsNetwork: network === true,
    kind:
      tool.name === "Agent" ? [input.kind, input.subagent_type].find((kind) => typeof kind === "string") : undefined,
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
    // The tool refuses it, and says why; unless it is a skill's file, which a rule may be about.
    return tool.effect === "read" && isAbsolute(named) ? [resolve(named)] : [];
  }
}

/** Where a file is, or will be once it is written. */
async function realPath(path: string, files: WorktreeFiles): Promise<string> {
  const found = await files.stat(path);
  if (found !== undefined || path === ".") return found?.path ?? path;
  return join(await realPath(dirname(path), files), basename(path));
}
