import { join } from "node:path";
import type { CallBlock } from "@bough/models";
import type { WorktreeFiles } from "@bough/sandbox";
import type { Happening } from "../events.ts";
import type { PermissionMode } from "../permissions/modes.ts";
import type { HookEvent } from "../settings/settings-schema.ts";
import { type HookAnswer, noAnswer } from "./hook-answer.ts";
import type { Hooks } from "./hooks.ts";

/** What the hooks of a turn are run with. */
export interface TurnHooksOptions {
  readonly hooks: Hooks;
  /** The mode that the agent is in. */
  mode(): PermissionMode;
  readonly files: WorktreeFiles;
  readonly signal: AbortSignal;
  emit(happening: Happening): void;
}

type Named = Pick<CallBlock, "id" | "name" | "input">;

/** The hooks of a running turn: what they tell the user is a notice, all else is for whoever asks them. */
export class TurnHooks {
  readonly #options: TurnHooksOptions;

  constructor(options: TurnHooksOptions) {
    this.#options = options;
  }

  /** Whether hooks run before or after the calls of a tool; they may change any file. */
  concerns(tool: string): boolean {
    const { hooks } = this.#options;
    return hooks.has("PreToolUse", tool) || hooks.has("PostToolUse", tool);
  }

  /** Whether hooks run when the model is done. */
  get concernEnd(): boolean {
    return this.#options.hooks.has("Stop");
  }

  /** Asks before a call is judged and run. */
  beforeCall({ id, name, input }: Named): Promise<HookAnswer> {
    return this.#ask("PreToolUse", { tool_name: name, tool_input: this.#absolute(input), tool_use_id: id }, name);
  }

  /** Tells of a call that was run. */
  afterCall({ id, name, input }: Named, output: { text: string; isError?: boolean }): Promise<HookAnswer> {
    const call = { tool_name: name, tool_input: this.#absolute(input), tool_use_id: id };
    return this.#run("PostToolUse", { ...call, tool_response: output }, name);
  }

  /** Asks whether the turn may end; a no says what is still to be done. */
  beforeEnd({ isContinued }: { readonly isContinued: boolean }): Promise<HookAnswer> {
    return this.#ask("Stop", { stop_hook_active: isContinued });
  }

  /** Asks whether a prompt may be sent. */
  beforePrompt(prompt: string): Promise<HookAnswer> {
    return this.#ask("UserPromptSubmit", { prompt });
  }

  /** Tells that the session began, or goes on. */
  atStart(source: "startup" | "resume"): Promise<HookAnswer> {
    return this.#ask("SessionStart", { source }, source);
  }

  async #ask(event: HookEvent, fields: HookAnswer["input"] & object, subject?: string): Promise<HookAnswer> {
    const answer = await this.#run(event, fields, subject);
    // What was cut short is no answer.
    this.#options.signal.throwIfAborted();
    return answer;
  }

  async #run(event: HookEvent, fields: HookAnswer["input"] & object, subject?: string): Promise<HookAnswer> {
    const { hooks, mode, signal, emit } = this.#options;
    const answer = await hooks.run({ event, subject, fields, mode: mode(), signal });
    if (signal.aborted) return noAnswer;
    for (const text of answer.messages) emit({ type: "notice", text });
    return answer;
  }

  /** What a relative path is relative to is not for a hook to know, and the checkout's files are not meant. */
  #absolute(input: Record<string, unknown>): Record<string, unknown> {
    const { files } = this.#options;
    if (typeof input.file_path !== "string") return input;
    try {
      return { ...input, file_path: join(files.root, files.resolve(input.file_path)) };
    } catch {
      // The tool refuses it, and says why.
      return input;
    }
  }
}
