import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const mostBytes = 256 * 1024;
const firstToBeKilled = 1000;

/** What one command leaves to the next: where it was and which exported variables it changed. */
export interface ShellState {
  readonly folder: string | undefined;
  /** Undefined for a variable that was there and is no longer. */
  readonly variables: ReadonlyMap<string, string | undefined>;
}

/** The state of a shell in which nothing was run but the export of some variables. */
export function freshState(exported: Readonly<Record<string, string>> = {}): ShellState {
  return { folder: undefined, variables: new Map(Object.entries(exported)) };
}

/** What a shell wrote down as it ended. */
export interface WrittenState {
  readonly code: number;
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * What bash runs before a command: it brings the state back, and writes it to `stateFile` when the shell ends. With a number
 * of processes, more cannot be started, except by the superuser, and where memory runs out these are the first to be killed.
 */
export function statePrelude({ folder, variables }: ShellState, stateFile: string, processes?: number): string {
  const gone = quote(`[The folder ${folder} is gone; this runs in `);
  const enter =
    folder === undefined
      ? []
      : [`cd -- ${quote(folder)} 2>/dev/null || printf '%s%s.]\\n' ${gone} "$PWD"`, "unset OLDPWD"];
  const limit =
    processes === undefined
      ? []
      : [`{ ulimit -u ${processes}; echo ${firstToBeKilled} >/proc/self/oom_score_adj; } 2>/dev/null`];
  const restored = exportLines([...variables]);
  return ["unset BASH_ENV", ...limit, restored, ...enter, `trap ${quote(saving(quote(stateFile)))} EXIT`, ""].join(
    "\n",
  );
}

/** Lines of a shell script that export variables, and remove those without a value. */
export function exportLines(variables: readonly (readonly [string, string | undefined])[]): string {
  return variables
    .filter(([name]) => !isShells(name))
    .map(([name, value]) => (value === undefined ? `unset ${name}\n` : `export ${name}=${quote(value)}\n`))
    .join("");
}

/** Writes the exit code and the exported variables down, without a process: starting `env` takes as long as the rest. */
function saving(file: string): string {
  // The tracing of a command that set it is not to show, and a variable that is exported without a value is no fault.
  return `{
__bough_code=$?; set +eux; export PWD; compgen -e >|${file}
__bough_names=(); while IFS= read -r __bough_name; do __bough_names+=("$__bough_name"); done <${file}
{ printf "%s\\0" "$__bough_code"
for __bough_name in "\${__bough_names[@]}"; do printf "%s=%s\\0" "$__bough_name" "\${!__bough_name}"; done; } >|${file}
} 2>/dev/null`;
}

/** Reads what a shell wrote, which may be anything; undefined when that is nothing of use. */
export function readWrittenState(path: string): WrittenState | undefined {
  const text = readAtMost(path, mostBytes);
  const [code, ...entries] = text?.split("\0").slice(0, -1) ?? [];
  if (code === undefined || !/^\d{1,3}$/.test(code)) return undefined;
  const pairs = entries.map((entry) => /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(entry));
  const environment = new Map(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? "", pair[2] ?? ""]])));
  return { code: Number(code), environment };
}

/** The state after a command, seen from the variables that every command of the shell starts with. */
export function stateAfter({ environment }: WrittenState, given: Readonly<Record<string, string>>): ShellState {
  const changed = [...environment].filter(([name, value]) => given[name] !== value && !isShells(name));
  const removed = Object.keys(given).filter((name) => !environment.has(name) && !isShells(name));
  return {
    folder: environment.get("PWD"),
    variables: new Map([...changed, ...removed.map((name) => [name, undefined] as const)]),
  };
}

/** Those that bash sets itself, or lets nobody set. */
function isShells(name: string): boolean {
  return /^(_|PWD|OLDPWD|SHLVL|E?UID|PPID|SHELLOPTS|BASH.*)$/.test(name);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A hostile command may have put a link, a pipe or an endless file there. */
function readAtMost(path: string, most: number): string | undefined {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > most) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)).toString();
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch {
    return undefined;
  }
}
