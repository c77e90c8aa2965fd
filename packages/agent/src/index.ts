export {
  type ApplyResult,
  type Block,
  BranchMovedError,
  CheckoutWriteError,
  type ClosedWorktree,
  type CloseOptions,
  CommitRefusedError,
  type Conversation,
  GitError,
  type LandOptions,
  type LandResult,
  type LeftOut,
  LockedError,
  type MergeConflict,
  type MergeResult,
  RefMovedError,
  RepositoryError,
  type RepositoryErrorReason,
  type RewindResult,
  type Step,
} from "@bough/gitstate";
export {
  type Message,
  type Model,
  ModelError,
  type ModelErrorKind,
  type ModelEvent,
  type ModelRequest,
  type Reply,
  type Script,
  type ScriptedModel,
  scriptedModel,
  type Usage,
} from "@bough/models";
export {
  detectSandbox,
  type SandboxSupport,
  SearchFailed,
  type ShellSession,
  searchProgram,
  type WorktreeFiles,
} from "@bough/sandbox";
export { Agent } from "./agent.ts";
export { AgentError, type AgentErrorReason } from "./agent-error.ts";
export { type AgentFile, loadAgentFile } from "./agent-files/load-agent-file.ts";
export {
  type AgentKind,
  type AgentKindOptions,
  type LoadedAgentKinds,
  loadAgentKinds,
} from "./agent-kinds/load-agent-kinds.ts";
export type {
  AgentOptions,
  AgentRewindOptions,
  ConfigureOptions,
  ForkOptions,
  ResumeOptions,
  RunOptions,
  StartOptions,
} from "./agent-options.ts";
export { Budget } from "./budget.ts";
export type { ByHandOptions, HandResult } from "./by-hand.ts";
export type { ContextSettings } from "./context/context-settings.ts";
export { type ContextSource, contextSources } from "./context/context-sources.ts";
export type { Past } from "./context/past.ts";
export type { CompactResult, ContextUse } from "./context/session-context.ts";
export type { Turn } from "./end-turn.ts";
export type { AgentEvent, StopReason } from "./events.ts";
export {
  type Instructions,
  type InstructionsOptions,
  type LoadedInstructions,
  loadInstructions,
} from "./instructions/load-instructions.ts";
export type { Jobs } from "./jobs/jobs.ts";
export type { Limits } from "./limits.ts";
export { listFiles } from "./list-files.ts";
export {
  type Answer,
  type Ask,
  type OpenQuestion,
  type PermissionMode,
  type PermissionQuestion,
  type PlanQuestion,
  permissionModes,
  type Question,
  type TrustQuestion,
} from "./permissions/modes.ts";
export type { Rules } from "./permissions/rule.ts";
export { parseRule, type Rule } from "./permissions/rule.ts";
export type { Denial } from "./run-calls.ts";
export { keepRule } from "./settings/keep-rule.ts";
export {
  type HookSetting,
  type LoadedSettings,
  type LoadOptions,
  loadSettings,
  type Settings,
} from "./settings/load-settings.ts";
export { SettingsError } from "./settings/settings-error.ts";
export {
  type LoadedSkills,
  loadSkills,
  type Skill,
  type SkillContent,
  type SkillOptions,
} from "./skills/load-skills.ts";
export type { DefinitionOptions } from "./sources/definitions.ts";
export type { SubAgentKind } from "./sub-agents/agent-kind.ts";
export type { SubAgent, SubAgentsOfCall } from "./sub-agents/sub-agents.ts";
export { defineTool, type Tool, type ToolContext, type ToolOutput } from "./tool.ts";
export type { UntrustedFile } from "./trust/untrusted-file.ts";
export { type ExpandOptions, expandCommand } from "./user-commands/expand-command.ts";
export { type LoadedCommands, loadCommands, type UserCommand } from "./user-commands/load-commands.ts";
