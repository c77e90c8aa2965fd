import type { Block } from "@bough/gitstate";
import type { Model } from "@bough/models";
import type { AgentOptions, ConfigureOptions } from "./agent-options.ts";
import { chooseModel, chooseTools, offeredTools, usableTools } from "./choose.ts";
import { type AgentConfig, changedConfig, newConfig } from "./config.ts";
import type { OpenSession } from "./open-session.ts";
import type { Ask, PermissionMode } from "./permissions/modes.ts";
import { oneAtATime } from "./permissions/one-at-a-time.ts";
import type { Tool } from "./tool.ts";
import { exitPlanModeTool, planNote } from "./tools/exit-plan-mode.ts";

/** What an agent is run with at present. */
type Present = Pick<OpenSession, "model" | "tools" | "config" | "options">;

/** What an agent is run with: its model, its tools, its configuration; another one when it is configured or a plan is accepted. */
export class Setup {
  /** The configuration the session's last record of it holds; the next turn records what differs. */
  recorded: AgentConfig | undefined;
  #now: Present;
  readonly #ask: Ask | undefined;
  readonly #isSubAgent: boolean;
  readonly #folder: string;
  /** What the user works in once a plan is accepted. */
  #modeAfterPlan: PermissionMode = "default";

  constructor({ session, recorded, ...now }: OpenSession, { isSubAgent }: { readonly isSubAgent: boolean }) {
    this.recorded = recorded;
    this.#now = now;
    this.#ask = now.options.ask && oneAtATime(now.options.ask);
    this.#isSubAgent = isSubAgent;
    this.#folder = session.repository.prefix;
  }

  get model(): Model {
    return this.#now.model;
  }

  /** All tools that were given; not each of them is offered in each mode. */
  get tools(): readonly Tool[] {
    return this.#now.tools;
  }

  get config(): AgentConfig {
    return this.#now.config;
  }

  get options(): AgentOptions {
    return this.#now.options;
  }

  get permissionMode(): PermissionMode {
    return this.config.permissionMode;
  }

  /** Who is asked; in a mode that asks nothing nobody. */
  get asking(): Ask | undefined {
    return this.permissionMode === "dontAsk" ? undefined : this.#ask;
  }

  /** The tools that the model is told of. */
  get offered(): readonly Tool[] {
    return offeredTools(this.#given, this.#offering);
  }

  /** The tools that it can call; one that remembers a tool which there is nobody for is told so. */
  get usable(): readonly Tool[] {
    return usableTools(this.#given, this.#offering);
  }

  /** What the model is told beside each prompt. */
  get planNotes(): readonly string[] {
    return this.#isPlanning ? [planNote({ isAnswered: this.asking !== undefined })] : [];
  }

  /** The record of what differs from what is recorded. */
  get unrecorded(): readonly Block[] {
    return changedConfig(this.config, this.recorded);
  }

  /** Puts together what the changes lead to; throws when they cannot be. */
  changedBy(changes: ConfigureOptions): Present {
    const { config: recorded, model: before, tools: given } = this.#now;
    const options = { ...this.options, ...changes };
    const model = changes.model === undefined ? before : chooseModel(changes.model, { ...changes, env: options.env });
    const tools = changes.tools === undefined ? given : chooseTools(changes.tools);
    const system = changes.system ?? recorded.system;
    const config = newConfig({ ...options, model, tools, system, recorded, folder: this.#folder });
    return { model, tools, config, options };
  }

  /** Runs the agent with something else from now on, which is recorded. */
  changeTo(next: Present): void {
    if (this.permissionMode !== "plan") this.#modeAfterPlan = this.permissionMode;
    this.#now = next;
    this.recorded = next.config;
  }

  get #offering() {
    const { skills, kinds } = this.options;
    return { skills, kinds, permissionMode: this.permissionMode, ask: this.#ask };
  }

  /** In plan mode there is a tool to end it with. */
  get #given(): readonly Tool[] {
    if (!this.#isPlanning) return this.tools;
    return [...this.tools, exitPlanModeTool({ mode: this.#modeAfterPlan, leave: () => this.#leavePlan() })];
  }

  /** A sub-agent that may only read answers its parent, and has no plan to hand in. */
  get #isPlanning(): boolean {
    return this.permissionMode === "plan" && !this.#isSubAgent;
  }

  /** The next turn records it. */
  #leavePlan(): void {
    const permissionMode = this.#modeAfterPlan;
    const { config, options, ...same } = this.#now;
    this.#now = { ...same, options: { ...options, permissionMode }, config: { ...config, permissionMode } };
  }
}
