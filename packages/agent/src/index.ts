export { detectSandbox, type SandboxSupport, SearchFailed, searchProgram } from "@bough/sandbox";
export { Agent } from "./agent.ts";
export { AgentError, type AgentErrorReason } from "./agent-error.ts";
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
export type { AgentEvent, StopReason } from "./events.ts";
export type { Limits } from "./limits.ts";
export { listFiles } from "./list-files.ts";
export type { Rules } from "./permissions/judge.ts";
export { type Answer, type Ask, type PermissionMode, permissionModes, type Question } from "./permissions/modes.ts";
export { parseRule, type Rule } from "./permissions/rule.ts";
export { keepRule } from "./settings/keep-rule.ts";
export {
  type HookSetting,
  type LoadedSettings,
  type LoadOptions,
  loadSettings,
  type Settings,
  type UntrustedFile,
} from "./settings/load-settings.ts";
export { SettingsError } from "./settings/settings-error.ts";
export { defineTool, type Tool, type ToolContext, type ToolOutput } from "./tool.ts";
export type { Turn } from "./turn.ts";
