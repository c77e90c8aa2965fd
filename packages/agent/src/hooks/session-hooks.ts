import type { Session } from "@bough/gitstate";
import { AgentError } from "../agent-error.ts";
import type { PermissionMode } from "../permissions/modes.ts";
import type { HookEvent } from "../settings/settings-schema.ts";
import { type HookAnswer, noAnswer, withAnswer } from "./hook-answer.ts";
import type { Hooks } from "./hooks.ts";
import type { TurnHooks } from "./turn-hooks.ts";

/** The hooks around the turns of a session: where it begins, before each prompt, where it ends. */
export class SessionHooks {
  readonly #hooks: Hooks;
  readonly #session: Session;
  readonly #start: HookEvent;
  /** Whether a turn was run, so that the hooks of the session's start were too. */
  #begun = false;
  #ended = false;

  constructor(hooks: Hooks, session: Session, { isSubAgent }: { readonly isSubAgent: boolean }) {
    this.#hooks = hooks;
    this.#session = session;
    this.#start = isSubAgent ? "SubagentStart" : "SessionStart";
  }

  /** Whether hooks run before a prompt is sent; they may change any file. */
  get concernPrompt(): boolean {
    return this.#hooks.has(this.#start) || this.#hooks.has("UserPromptSubmit");
  }

  /** Resolves to what hooks tell the model beside the prompt; throws when they refuse it. */
  async beforePrompt(prompt: string, hooks: TurnHooks): Promise<readonly string[]> {
    const isFirst = !this.#begun;
    this.#begun = true;
    if (!this.concernPrompt) return [];
    await this.#session.ready;
    const start = isFirst ? await hooks.atStart(this.#session.isNew ? "startup" : "resume") : noAnswer;
    return demandAgreement(withAnswer(start, await hooks.beforePrompt(prompt)));
  }

  /** Whether hooks are asked about what is said to a running turn. */
  get concernMessage(): boolean {
    return this.#hooks.has("UserPromptSubmit");
  }

  /** Resolves to what hooks tell the model beside a message to the running turn; throws when they refuse it. */
  async beforeMessage(text: string, hooks: TurnHooks): Promise<readonly string[]> {
    return demandAgreement(await hooks.beforePrompt(text));
  }

  /** Tells the hooks that the session ends, if it began; once. */
  async end(mode: PermissionMode): Promise<void> {
    if (!this.#begun || this.#ended || !this.#hooks.has("SessionEnd")) return;
    this.#ended = true;
    await this.#session.ready.catch(() => {});
    await this.#hooks.run({ event: "SessionEnd", fields: { reason: "other" }, mode });
  }
}

function demandAgreement({ verdict, stop, reason, context }: HookAnswer): readonly string[] {
  if (verdict !== "deny" && stop === undefined) return context;
  throw new AgentError("blocked", `A hook refused the prompt: ${stop ?? reason}`);
}
