export { commandEnvironment } from "./command-environment.ts";
export { type Bubblewrap, detectSandbox, type SandboxSupport } from "./detect-sandbox.ts";
export { FileAccessFailed, FileChanged, FileMissing, FileTooLarge } from "./file-errors.ts";
export { type FindOptions, type FindResult, findFiles } from "./find-files.ts";
export { compileGlob } from "./glob.ts";
export { type GrepLine, type GrepOptions, type GrepResult, grepFiles } from "./grep-files.ts";
export { OutputWindow } from "./output-window.ts";
export { PathRefused } from "./path-refused.ts";
export { SearchFailed } from "./ripgrep.ts";
export {
  type CommandEnd,
  CommandNotStarted,
  type CommandResult,
  type RunCommandOptions,
  runCommand,
} from "./run-command.ts";
export { runInTerminal } from "./run-in-terminal.ts";
export { type RunWithInputOptions, runWithInput, type SeparateOutput } from "./run-with-input.ts";
export type { SandboxOptions } from "./sandbox-options.ts";
export { searchProgram } from "./search-program.ts";
export {
  type BackgroundCommand,
  type SeparateCommand,
  type SessionCommand,
  ShellSession,
  type ShellSessionOptions,
} from "./shell-session.ts";
export {
  type FileContent,
  type FileInfo,
  type FileKind,
  type FolderEntry,
  WorktreeFiles,
  type WorktreeFilesOptions,
  type WriteOptions,
  type WrittenFile,
} from "./worktree-files.ts";
