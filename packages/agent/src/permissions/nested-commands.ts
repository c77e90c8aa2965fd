import { type CommandReading, readCommand, type SimpleCommand } from "./read-command.ts";
import { fixedText, type ShellWord } from "./shell-word.ts";

/** What a program is told to run by its arguments. */
export interface Nested extends CommandReading {
  /** Whether it adds nothing of its own to what it runs, as `timeout` does. */
  readonly isTransparent: boolean;
}

const SHELLS = new Set(["sh", "bash", "rbash", "dash", "zsh", "ksh", "mksh", "oksh", "yash", "ash"]);
/** Programs that run other commands than their arguments show: shells of other grammars, and what starts one. */
const UNCLEAR = new Set(
  (
    "fish tcsh csh pwsh powershell nu elvish xonsh su runuser script sg newgrp at batch expect ed ex screen tmux " +
    "vi vim vimdiff view nvim emacs gdb lldb m4 dc setarch linux32 linux64 i386 i486 i586 i686 x86_64 uname26 taskset chrt " +
    "prlimit setpriv nsenter logsave choom fakeroot xvfb-run bwrap pkexec capsh systemd-run dbus-run-session " +
    "start-stop-daemon run-parts"
  ).split(" "),
);
/** Programs that are many, by their first argument. */
const MANY = new Set(["busybox", "toybox"]);
/** Programs that run code which their arguments hold, with the options that do. */
const INTERPRETERS: Readonly<Record<string, RegExp>> = {
  python: /^-[a-zA-Z]*c/,
  node: /^(-[a-zA-Z]*[epir]|--eval|--print|--interactive|--require|--import|--loader|--experimental-loader)/,
  bun: /^(-e|--eval|-p|--print|-r|--preload)/,
  deno: /^eval$/,
  perl: /^-[a-zA-Z0-9]*[eEM]/,
  ruby: /^-[a-zA-Z]*[er]/,
  php: /^-[a-zA-Z]*[rBE]/,
  lua: /^-[a-z]*[el]/,
  osascript: /^-e/,
  tclsh: /^$/,
};
/** Builtins that change what later words mean, or run what they are given. */
const REMAKING = new Set(
  "eval source . trap alias hash enable complete compgen compopt bind mapfile readarray read getopts let shopt unset fc history".split(
    " ",
  ),
);
/** A program that runs the command behind its own options. An option that is not known may take the next word. */
interface Wrapper {
  /** Options that stand alone, or hold their value. */
  readonly flags: RegExp;
  /** Options whose value is the next word. */
  readonly valued: RegExp;
  /** Words between the options and the command. */
  readonly operands?: number;
  readonly transparent: boolean;
}

const NONE = /^$/;

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  command: { flags: /^-[pvV]+$/, valued: NONE, transparent: true },
  builtin: { flags: NONE, valued: NONE, transparent: true },
  exec: { flags: /^-[cl]+$/, valued: /^-[cl]*a$/, transparent: true },
  nohup: { flags: NONE, valued: NONE, transparent: true },
  time: {
    flags: /^-[apqv]+$|^-[of].+$|^--(portability|verbose|append|quiet|(output|format)=.*)$/,
    valued: /^(-o|-f|--output|--format)$/,
    transparent: true,
  },
  timeout: {
    flags: /^-v$|^-[ks].+$|^--(foreground|preserve-status|verbose|(kill-after|signal)=.*)$/,
    valued: /^(-k|-s|--kill-after|--signal)$/,
    operands: 1,
    transparent: true,
  },
  nice: { flags: /^-n?-?\d+$|^--adjustment=-?\d+$/, valued: /^(-n|--adjustment)$/, transparent: true },
  ionice: {
    flags: /^-([cn]\d|t)$|^--(ignore|(class|classdata)=\w+)$/,
    valued: /^(-c|-n|--class|--classdata)$/,
    transparent: true,
  },
  stdbuf: {
    flags: /^-[ioe]\w+$|^--(input|output|error)=\w+$/,
    valued: /^(-i|-o|-e|--input|--output|--error)$/,
    transparent: true,
  },
  env: {
    flags: /^-[iv0]?$|^-[uCP].+$|^--(ignore-environment|null|debug|(unset|chdir)=.*)$/,
    valued: /^(-u|-C|--unset|--chdir|-P)$/,
    transparent: false,
  },
  sudo: { flags: /^-[nEHSkKbPAis]+$/, valued: /^-[ugpCDhRrTtU]$/, transparent: false },
  doas: { flags: /^-n$/, valued: /^-[uC]$/, transparent: false },
  setsid: { flags: /^-[cfw]+$|^--(ctty|fork|wait)$/, valued: NONE, transparent: false },
  xargs: {
    flags:
      /^-[0rtpxoile]+$|^-[IdEnLPsail].+$|^--(null|no-run-if-empty|verbose|interactive|exit|replace|max-lines)$|^--[a-z-]+=.*$/s,
    // The value of --replace and --max-lines can only stand behind a "=".
    valued: /^(-[IdEnLPsa]|--delimiter|--max-args|--max-chars|--max-procs|--arg-file|--process-slot-var)$/,
    transparent: false,
  },
  parallel: { flags: /^-([jNLI].+|[ku0X])$|^--(keep-order|bar|jobs=.*)$/, valued: /^-[jNLIa]$/, transparent: false },
  watch: { flags: /^-[bcdegtwpx]+$|^-n.+$/, valued: /^(-n|--interval)$/, transparent: false },
  chroot: { flags: /^--(skip-chdir|(userspec|groups)=.*)$/, valued: NONE, operands: 1, transparent: false },
  unshare: {
    flags: /^-[rcmuinpUCTf]+$|^--(fork|net|pid|mount|user|ipc|uts|cgroup|map-root-user|map-current-user)$/,
    valued: NONE,
    transparent: false,
  },
  flock: { flags: /^-[snoxueF]+$|^-[wE].+$/, valued: /^(-w|-E)$/, operands: 1, transparent: false },
  strace: { flags: /^-[fFqvtTryCkdiz]+$|^-[eopsuaEIOPSXb].+$/, valued: /^-[eopsuaEIOPSXb]$/, transparent: false },
  npx: {
    flags: /^(-y|--yes|--no|--no-install|-q|--quiet|--(package|workspace)=.*)$/,
    valued: /^(-p|--package|-w|--workspace)$/,
    transparent: false,
  },
};

/** Reads what a command runs beside itself; undefined when its arguments name nothing to run. */
export function nestedCommands(command: SimpleCommand): Nested | undefined {
  const [first, ...rest] = command.words;
  if (first === undefined) return undefined;
  const name = programName(first);
  if (name === undefined) return unclear("the program's name is not written out");
  if (REMAKING.has(name)) return unclear(`${name} changes or runs what its text does not show`);
  if (UNCLEAR.has(name)) return unclear(`${name} runs what its text does not show`);
  if (MANY.has(name)) return many(name, rest);
  if (name === "jobs" && rest.length > 0 && rest.some((word) => fixedText(word)?.includes("x") ?? true)) {
    return unclear("jobs can run a command");
  }
  if (SHELLS.has(name)) return inShell(name, rest, command);
  if (name === "find") return inFind(rest);
  if (name === "printf" && rest.some((word) => word.type !== "fixed" || word.text.startsWith("-v"))) {
    return rest[0]?.type === "fixed" && !rest[0].text.startsWith("-")
      ? undefined
      : unclear("printf can set a variable");
  }
  const interpreter = INTERPRETERS[name.replace(/[\d.]+$/, "")];
  if (interpreter !== undefined) return inInterpreter(name, interpreter, rest, command);
  return Object.hasOwn(WRAPPERS, name) ? inWrapper(name, rest) : undefined;
}

/** The program a word names, without its folders; undefined when the shell decides it. */
export function programName(word: ShellWord | undefined): string | undefined {
  const text = fixedText(word);
  return text === undefined ? undefined : text.slice(text.lastIndexOf("/") + 1).toLowerCase();
}

function unclear(why: string): Nested {
  return { commands: [], unclear: why, isTransparent: false };
}

function inShell(name: string, words: readonly ShellWord[], { isFed, reads }: SimpleCommand): Nested | undefined {
  const options = words.map(fixedText);
  const at = options.findIndex((option) => option !== undefined && /^-[a-zA-Z]*c[a-zA-Z]*$/.test(option));
  const script = at < 0 ? undefined : options[at + 1];
  const isPlain = options
    .slice(0, at)
    .every((option) => option !== undefined && !/^--(rc|init)|^-[a-z]*i/.test(option));
  // Options behind it come before the script.
  if (script !== undefined && isPlain && !/^[-+]/.test(script)) {
    return { ...readCommand(script), isTransparent: false };
  }
  const isFile = at < 0 && !isFed && reads.length === 0 && /^[^-]/.test(options[0] ?? "");
  return isFile ? undefined : unclear(`${name} runs what its text does not show`);
}

function inInterpreter(
  name: string,
  code: RegExp,
  words: readonly ShellWord[],
  { isFed, reads }: SimpleCommand,
): Nested | undefined {
  const hasCode = words.some((word) => word.type !== "fixed" || code.test(word.text));
  const isTold = isFed || reads.length > 0 || words.length === 0 || words.some((word) => fixedText(word) === "-");
  return hasCode || isTold ? unclear(`${name} runs code that may do anything`) : undefined;
}

function inFind(words: readonly ShellWord[]): Nested | undefined {
  const found: CommandReading[] = [];
  for (const [at, word] of words.entries()) {
    if (!/^-(exec|execdir|ok|okdir)$/.test(fixedText(word) ?? "")) continue;
    const behind = words.slice(at + 1);
    const end = behind.findIndex((each) => fixedText(each) === ";" || fixedText(each) === "+");
    // What it finds takes the place of the braces.
    const inner = behind.slice(0, end < 0 ? undefined : end);
    found.push(asCommand(inner.map((each) => (fixedText(each)?.includes("{}") ? { type: "open" } : each))));
  }
  if (found.length === 0) return undefined;
  return {
    commands: found.flatMap(({ commands }) => commands),
    unclear: found.find((each) => each.unclear !== undefined)?.unclear,
    isTransparent: false,
  };
}

function inWrapper(name: string, words: readonly ShellWord[]): Nested | undefined {
  const wrapper = WRAPPERS[name];
  if (wrapper === undefined) return undefined;
  const { flags, valued, operands = 0, transparent } = wrapper;
  const sets: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const text = fixedText(words[at]);
    if (text === undefined) return unclear(`what ${name} runs is not written out`);
    const variable = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(text)?.[1];
    if (name === "env" && (/^-[a-zA-Z]*S/.test(text) || text.startsWith("--split"))) {
      return unclear("env splits a text into a command");
    }
    if ((name === "env" || name === "sudo") && variable !== undefined) sets.push(variable);
    else if (valued.test(text)) at++;
    else if (!text.startsWith("-")) break;
    else if (text !== "--" && !flags.test(text)) return unclear(`${name} may take the word behind ${text} for a value`);
  }
  const isLookUp = name === "command" && words.some((word) => /^-[vV]/.test(fixedText(word) ?? ""));
  const behind = words.slice(at + operands);
  if (isLookUp || behind.length === 0)
    return sets.length === 0 ? undefined : { ...setting(sets), isTransparent: false };
  // What it reads from standard input is added behind.
  const fed = name === "xargs" || name === "parallel" ? [{ type: "open" } as const] : [];
  const joined = name === "watch" || name === "parallel" ? asText(behind) : undefined;
  const inner = joined ?? asCommand([...behind, ...fed], sets);
  const isOwn = !transparent || words.slice(0, at).some((word) => /^(-o|--output)/.test(fixedText(word) ?? ""));
  return { ...inner, isTransparent: !isOwn || (name === "env" && !words.slice(0, at).some(isOption)) };
}

function isOption(word: ShellWord): boolean {
  return fixedText(word)?.startsWith("-") ?? true;
}

function many(name: string, words: readonly ShellWord[]): Nested {
  if (fixedText(words[0])?.startsWith("-")) return unclear(`${name} runs what its text does not show`);
  return { ...asCommand(words), isTransparent: false };
}

function asCommand(words: readonly ShellWord[], sets: readonly string[] = []): CommandReading {
  return { commands: [{ words, sets, writes: [], reads: [], isFed: false }], unclear: undefined };
}

function setting(sets: readonly string[]): CommandReading {
  return asCommand([], sets);
}

/** Some hand their arguments to a shell as one text. */
function asText(words: readonly ShellWord[]): CommandReading {
  const texts = words.map(fixedText);
  return texts.every((text) => text !== undefined)
    ? readCommand(texts.join(" "))
    : { commands: [], unclear: "what it runs is not written out" };
}
