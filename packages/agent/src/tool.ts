import type { Extra } from "@bough/gitstate";
import type { Image } from "@bough/models";
import type { ShellSession, WorktreeFiles } from "@bough/sandbox";
import type * as z from "zod";
import type { Past } from "./context/past.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { Ask } from "./permissions/modes.ts";
import type { Skill } from "./skills/load-skills.ts";
import type { SubAgentsOfCall } from "./sub-agents/sub-agents.ts";

/** Something the model can call. */
export interface Tool<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** What the model is told of it. */
  readonly description: string;
  /** What it takes: the model is told of it as JSON Schema, and input that does not fit is answered with what is wrong. */
  readonly input: Schema;
  /** `read` changes nothing; `edit` just the paths it returns, and none when it throws; `execute` may change anything. */
  readonly effect: "read" | "edit" | "execute";
  /** Whether it is offered only where somebody is there to answer. */
  readonly forPerson?: boolean;
  /** Whether it works on commits: its calls run once all others of a reply are done, and what they changed is committed. */
  readonly runsApart?: boolean;
  /** Resolves to what the model is told; throws what went wrong, which the model is told as well. */
  execute(input: z.output<Schema>, context: ToolContext): Promise<ToolOutput>;
}

/** What a tool works with. */
export interface ToolContext {
  /** The worktree's files: paths that lead out of it are refused. */
  readonly files: WorktreeFiles;
  /** Where commands run, one after the other. */
  readonly shell: ShellSession;
  /** Whether commands may reach the network, whatever they are confined with. */
  readonly hasNetwork: boolean;
  /** What runs in the background. */
  readonly jobs: Jobs;
  /** Other agents and their branches, for tools that run apart. */
  readonly subAgents?: SubAgentsOfCall | undefined;
  /** What the model can be told of special work. */
  readonly skills?: readonly Skill[];
  /** What was said and done before, also what the model does not see any more. */
  readonly past: Past;
  /** Whether the rules let the model see what is at a worktree-relative path, its links followed. */
  mayRead(path: string): boolean;
  /** The rules that keep files from the model; a search says that it left those out. */
  readonly hiddenBy: readonly string[];
  /** Puts a question to a person; undefined where nobody is there. */
  readonly ask?: Ask | undefined;
  /** Aborts when the turn is interrupted; a tool that goes on is waited for. */
  readonly signal: AbortSignal;
  /** Called with what the tool prints while it runs. */
  onOutput(text: string): void;
}

/** What came of a call. */
export interface ToolOutput {
  /** What the model is told; of a long one the beginning and the end. */
  readonly text: string;
  /** True when the text tells of a failure, as after a command that exited with another code than 0. */
  readonly isError?: boolean;
  /** A picture for the model to look at, beside the text. */
  readonly image?: { readonly mediaType: Image["mediaType"]; readonly bytes: Uint8Array };
  /** Ends the turn after this step; says who does and why, without its full stop. */
  readonly stop?: string;
  /** Worktree-relative paths that were written, removed or created. */
  readonly changed?: readonly string[];
  /** What the record keeps beside the text; plain JSON. */
  readonly recorded?: Extra;
}

/** Declares a tool whose `execute` is given what its schema parsed. */
export function defineTool<Schema extends z.ZodType>(tool: Tool<Schema>): Tool<Schema> {
  return tool;
}
