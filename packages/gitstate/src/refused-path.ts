import { type BytePath, readablePath } from "./byte-path.ts";

/** Characters that file systems do not see in a name: those that git knows for macOS, and the others that nobody sees. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** What Windows and macOS may take for `.git`: git checks out no tree with most of these names in it. */
const GIT_DIR = /^(?:\.git|git~\d+)[ .]*(?::.*)?$/;

/** Whether on some system a part of a path names a git dir. */
export function isRefusedPath(path: BytePath): boolean {
  return readablePath(path)
    .split(/[/\\]/)
    .some((name) => GIT_DIR.test(name.replace(INVISIBLE, "").toLowerCase()));
}

/** Whether a path is a list of submodules on some system, which git lets no link stand for. */
export function isModulesFile(path: BytePath): boolean {
  const name = readablePath(path).split("/").at(-1) ?? "";
  return /^(?:\.gitmodules|gitmod~[1-4]|gi7eba~\d)[ .]*(?::.*)?$/.test(name.replace(INVISIBLE, "").toLowerCase());
}
