import { type BytePath, readablePath } from "./byte-path.ts";

/** Characters that macOS file systems do not see in a name. */
const IGNORED_BY_HFS = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/gu;
/** What Windows and macOS take for `.git`: git checks out no tree with such a name in it. */
const GIT_DIR = /^(?:\.git|git~1)[ .]*(?::.*)?$/;

/** Whether git refuses a path because on some system a part of it names a git dir. */
export function isRefusedPath(path: BytePath): boolean {
  return readablePath(path)
    .split(/[/\\]/)
    .some((name) => GIT_DIR.test(name.replace(IGNORED_BY_HFS, "").toLowerCase()));
}

/** Whether a path is a list of submodules on some system, which git lets no link stand for. */
export function isModulesFile(path: BytePath): boolean {
  const name = readablePath(path).split("/").at(-1) ?? "";
  return /^(?:\.gitmodules|gitmod~[1-4]|gi7eba~\d)[ .]*(?::.*)?$/.test(name.replace(IGNORED_BY_HFS, "").toLowerCase());
}
