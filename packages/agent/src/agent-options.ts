import type { ForkOptions as Fork, RewindOptions } from "@bough/gitstate";
import type { Model } from "@bough/models";
import type { Budget } from "./budget.ts";
import type { ContextSettings } from "./context/context-settings.ts";
import type { AgentEvent } from "./events.ts";
import type { Instructions } from "./instructions/load-instructions.ts";
import type { Limits } from "./limits.ts";
import type { Ask, PermissionMode } from "./permissions/modes.ts";
import type { Rules } from "./permissions/rule.ts";
import type { HookSetting } from "./settings/load-settings.ts";
import type { Skill } from "./skills/load-skills.ts";
import type { SubAgentKind } from "./sub-agents/agent-kind.ts";
import type { Tool } from "./tool.ts";

/** How an agent works, whether its session is new or goes on. */
export interface AgentOptions {
  /** A folder in the repository. */
  readonly cwd: string;
  /** `<provider>/<id>`, or a model of one's own making. */
  readonly model?: string | Model;
  /** Used instead of the variable of the model's provider. */
  readonly apiKey?: string;
  /** Where the provider is reached, instead of where its variable says. */
  readonly baseUrl?: string;
  /** Takes the place of the system prompt. */
  readonly system?: string;
  /** Follows the system prompt. */
  readonly appendSystem?: string;
  /** What files say to the agent, as `loadInstructions` finds them; a session that goes on keeps its own without them. */
  readonly instructions?: readonly Instructions[];
  /** What the model can be told of special work when it asks, as `loadSkills` finds it. */
  readonly skills?: readonly Skill[];
  /** Names of built-in tools and tools of one's own making; without it all that are built in. */
  readonly tools?: readonly (string | Tool)[];
  /** What it may do without asking; `default` unless given, also when a session goes on that had another. */
  readonly permissionMode?: PermissionMode;
  /** What is allowed, asked about and denied, beside what the mode says. */
  readonly rules?: Rules;
  /** Keeps a rule that a person allowed always; without it that holds for this agent only. */
  readonly keepRule?: (rule: string) => Promise<void>;
  /** What each turn may take; without a limit it goes on until the model is done. */
  readonly limits?: Limits;
  /** When what the model is sent is shortened and summarized, and how much it can read. */
  readonly context?: ContextSettings;
  /** Variables for commands; those that hold addresses of providers count where the process has none of the name. */
  readonly env?: Readonly<Record<string, string>>;
  /** Programs of the user's that are told of what happens, and may refuse it or change it. */
  readonly hooks?: readonly HookSetting[];
  /** Kinds of sub-agents that the model can ask for. */
  readonly kinds?: readonly SubAgentKind[];
  /** Answers permission requests; without it what needs permission is denied. */
  readonly ask?: Ask;
}

/** How a session is started. */
export interface StartOptions extends AgentOptions {
  readonly model: string | Model;
  /** Name of the branch after `bough/`. */
  readonly branch?: string;
  /** What the branch is named after when it is given no name, as the first prompt. */
  readonly topic?: string;
  /** Whether to start from the last commit, leaving uncommitted work aside. */
  readonly clean?: boolean;
}

/** How a session is gone on with. */
export interface ResumeOptions extends AgentOptions {
  /** A branch, a commit or a session's id; without it the session that moved last. */
  readonly rev?: string;
}

/** How a session is forked; without `before` and `after`, from now. */
export interface ForkOptions extends AgentOptions, Pick<Fork, "from" | "before" | "after"> {
  /** Name of the branch after `bough/`. */
  readonly branch?: string;
}

/** How one turn is run. */
export interface RunOptions {
  /** Told what happens, in order, on this branch and on those of sub-agents; what it throws ends the turn. */
  onEvent?(event: AgentEvent): void;
  /** Interrupts the turn, which then resolves with the stop reason `interrupted`. */
  readonly signal?: AbortSignal;
  /** What this turn is bounded by beside the agent's own limits, and counts for: other turns may have the same. */
  readonly budget?: Budget;
}

/** How far an agent goes back: to before its nth prompt, after a revision, or by turns; by one turn unless told. */
export interface AgentRewindOptions extends Pick<RewindOptions, "only" | "preview"> {
  readonly rev?: number | string;
  readonly turns?: number;
}

/** What of an agent's configuration is changed; the rest stays. A key and an address are those of the new model. */
export type ConfigureOptions = Pick<
  AgentOptions,
  "model" | "apiKey" | "baseUrl" | "system" | "tools" | "permissionMode"
>;
