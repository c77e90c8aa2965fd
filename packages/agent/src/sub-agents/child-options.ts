import type { Model } from "@bough/models";
import type { AgentOptions } from "../agent-options.ts";
import { type ChosenOptions, chooseModel } from "../choose.ts";
import { narrowerMode, type PermissionMode } from "../permissions/modes.ts";
import type { Rules } from "../permissions/rule.ts";
import { toolName } from "../permissions/rule.ts";
import type { HookEvent } from "../settings/settings-schema.ts";
import type { Tool } from "../tool.ts";
import type { SubAgentKind } from "./agent-kind.ts";

/** What a model asks for when it gives a task to another agent. */
export interface AgentRequest {
  readonly task: string;
  readonly tools?: readonly string[] | undefined;
  readonly model?: string | undefined;
  readonly isolation?: "worktree" | "none" | undefined;
  readonly kind?: string | undefined;
}

/** What an agent has, which is the most that it can give to another. */
export interface Means {
  readonly options: AgentOptions;
  readonly model: Model;
  readonly tools: readonly Tool[];
  readonly mode: PermissionMode;
  /** With what a person allowed since the agent started. */
  readonly rules: Rules;
  readonly system: string;
}

/** A message that somebody sends it would be a way around the hooks of prompts. */
const HOOKS: readonly HookEvent[] = ["PreToolUse", "PostToolUse", "UserPromptSubmit"];

const SUB_AGENT =
  "You are a sub-agent: another agent gave you the task, and nobody is there to answer questions. Your last answer is all that " +
  "goes back to that agent: say in it what you found out or did, where, and what is left open.";

/** What a sub-agent is run with: what was asked for, as far as its parent has it. Throws with what its parent has not. */
export function childOptions(request: AgentRequest, parent: Means): ChosenOptions & { readonly isReadOnly: boolean } {
  const { options } = parent;
  const kind = findKind(request.kind, options.kinds ?? []);
  const isReadOnly = (request.isolation ?? kind?.isolation) === "none" || parent.mode === "plan";
  const mode = isReadOnly ? "plan" : narrowerMode(parent.mode, kind?.permissionMode ?? parent.mode);
  const prompt = kind === undefined || kind.prompt === "" ? [] : [kind.prompt];
  return {
    ...options,
    isReadOnly,
    model: modelOf(request, kind, parent),
    tools: toolsOf(request, kind, { tools: parent.tools, isReadOnly }),
    system: [parent.system, SUB_AGENT, ...prompt].join("\n\n"),
    // Its parent's has it already.
    appendSystem: undefined,
    permissionMode: mode,
    rules: parent.rules,
    // What is left of its parent's holds as well.
    limits: kind?.maxTurns === undefined ? undefined : { replies: kind.maxTurns },
    // What a person would be asked is denied where the parent could not ask.
    ask: parent.mode === "dontAsk" ? undefined : options.ask,
    // The others are about a person's sessions and turns.
    hooks: options.hooks?.filter(({ event }) => HOOKS.includes(event)),
  };
}

function findKind(name: string | undefined, kinds: readonly SubAgentKind[]): SubAgentKind | undefined {
  if (name === undefined) return undefined;
  const found = kinds.find((kind) => kind.name === name);
  // What another program calls an agent that is of no kind.
  if (found !== undefined || name === "general-purpose") return found;
  const known =
    kinds.length === 0 ? "There are none: leave it out." : `Kinds: ${kinds.map((each) => each.name).join(", ")}.`;
  throw new Error(`There is no kind of agent named ${name}. ${known}`);
}

function modelOf({ model: wanted }: AgentRequest, kind: SubAgentKind | undefined, { model, options }: Means): Model {
  const name = wanted ?? (kind?.model?.includes("/") === true ? kind.model : undefined);
  if (name === undefined || name === model.name) return model;
  // A key and an address are for the provider they were given for.
  const { apiKey, baseUrl, env } = options;
  const isSame = providerOf(name) === providerOf(model.name);
  return chooseModel(name, isSame ? { apiKey, baseUrl, env } : { env });
}

function providerOf(model: string): string | undefined {
  return model.split("/", 1)[0];
}

function toolsOf(
  request: AgentRequest,
  kind: SubAgentKind | undefined,
  { tools, isReadOnly }: { readonly tools: readonly Tool[]; readonly isReadOnly: boolean },
): readonly Tool[] {
  const has = (names: readonly string[]) => (tool: Tool) => names.map(toolName).includes(tool.name);
  // Its questions are its parent's to answer.
  const own = tools.filter(({ forPerson }) => forPerson !== true);
  const available = kind?.tools === undefined ? own : own.filter(has(kind.tools));
  const usable = isReadOnly ? available.filter(({ effect }) => effect === "read") : available;
  if (request.tools === undefined) return usable;
  const missing = request.tools.filter((name) => !usable.some(has([name])));
  if (missing.length === 0) return usable.filter(has(request.tools));
  const why = isReadOnly ? "this one is only to read" : "its tools are at most yours";
  const known = usable.length === 0 ? "none" : usable.map(({ name }) => name).join(", ");
  throw new Error(`The agent cannot have ${missing.join(", ")}: ${why}. It can have: ${known}.`);
}
