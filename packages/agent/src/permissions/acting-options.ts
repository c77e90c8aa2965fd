import { programName } from "./nested-commands.ts";
import type { SimpleCommand } from "./read-command.ts";
import { fixedText, mayBeOption, type ShellWord } from "./shell-word.ts";

/** How a program that is known for reading can be made to run or write something. */
interface Acts {
  /** Long options, whole; programs take any beginning of one that is no other's. */
  readonly long?: readonly string[];
  /** Letters that do it, also among others behind one hyphen. */
  readonly short?: string;
  /** Words that do it by standing there, as they are written. */
  readonly words?: RegExp;
  /** The number of operands after which another one is written to. */
  readonly operands?: number;
}

/** Package managers take another folder's scripts, and another shell to run them. */
const PACKAGES: Acts = {
  long: [
    ..."script-shell node-options prefix globalconfig userconfig init-module git shell editor viewer browser".split(
      " ",
    ),
    ..."shell-emulator use-node-version cwd".split(" "),
  ],
  words: /^-(C|c|-call|-shell-mode|-dir\b|-?(script-shell|node-options|prefix|globalconfig|userconfig|shell|git)\b)/,
};

/** Compilers take another program for a part of them. */
const COMPILER: Acts = { words: /^-(wrapper|B|fplugin|-?specs|Xclang|fuse-ld)|^@/ };

const PROGRAMS: Readonly<Record<string, Acts>> = {
  find: { words: /^-(exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls)$/ },
  fd: { long: ["exec", "exec-batch"], short: "xX" },
  fdfind: { long: ["exec", "exec-batch"], short: "xX" },
  rg: { long: ["pre", "hostname-bin"] },
  ag: { long: ["pager"] },
  ack: { long: ["pager", "ackrc", "output"] },
  bat: { long: ["pager"] },
  batcat: { long: ["pager"] },
  delta: { long: ["pager"] },
  shuf: { long: ["output"], short: "o" },
  iconv: { long: ["output"], short: "o" },
  base64: { short: "o" },
  split: { long: ["filter"] },
  sort: { long: ["output", "compress-program", "temporary-directory"], short: "oT" },
  uniq: { operands: 1 },
  tar: {
    long: [
      ..."checkpoint-action use-compress-program to-command rsh-command info-script new-volume-script".split(" "),
      ..."extract create append update delete concatenate catenate get absolute-names remove-files".split(" "),
      ..."index-file volno-file listed-incremental".split(" "),
    ],
    short: "IFxcruAPg",
    // An archive on another machine is fetched by a program.
    words: /^(-[a-zA-Z]*f|--file=)?[^-/=][^/=]*:/,
  },
  zip: { long: ["unzip-command"], short: "T" },
  tree: { short: "oR" },
  less: { short: "oOkT+", long: ["log-file", "LOG-FILE", "lesskey-file", "lesskey-src", "tag-file"], words: /^\+/ },
  man: { short: "PHT", long: ["pager", "html", "browser", "preconv"] },
  curl: {
    long: [
      ..."output remote-name remote-name-all config dump-header cookie-jar trace trace-ascii upload-file".split(" "),
      ..."output-dir stderr etag-save hsts alt-svc libcurl engine unix-socket abstract-unix-socket netrc-file".split(
        " ",
      ),
    ],
    short: "oOKDcT",
    // What it sends of a file, and where it writes what it tells.
    words: /%output|(^|=|^-[a-zA-Z]*[dF])@|=</,
  },
  wget: {
    long: ["execute", "use-askpass", "config", "output-document", "output-file", "append-output"],
    short: "eOoa",
  },
  date: { long: ["set"], short: "s" },
  file: { long: ["compile"], short: "C" },
  xxd: { operands: 1, short: "r" },
  yq: { long: ["inplace", "in-place"], short: "i" },
  jq: { long: ["from-file"], short: "f" },
  diff: { long: ["output"] },
  hostname: { operands: 0, short: "Fb" },
  tee: { operands: 0 },
  dd: { words: /^of=/ },
  make: { words: /=/, long: ["eval", "file", "makefile", "directory", "include-dir"], short: "fCIE" },
  npm: PACKAGES,
  pnpm: PACKAGES,
  yarn: PACKAGES,
  node: {
    words:
      /^--(env-file|test-reporter-destination|test-reporter=.*[./]|test-global-setup|redirect-warnings|diagnostic-dir|report-|cpu-prof|heap-prof|trace-event-file|build-snapshot|openssl-config|experimental-config|experimental-default|inspect|watch-path)/,
  },
  cargo: { long: ["config", "manifest-path"], words: /^\+/ },
  go: {
    long: ["toolexec", "exec"],
    words: /^--?(toolexec|exec|vettool|overlay|modfile|o|ldflags|gcflags|asmflags|C|\w*profile|trace|outputdir)\b/,
  },
  gofmt: { words: /^--?(w|cpuprofile)\b/ },
  ssh: { short: "oFEISL" },
  sftp: { short: "oFSDb" },
  scp: { short: "oFS" },
  nc: { short: "ec" },
  ncat: { short: "ec", long: ["exec", "sh-exec", "lua-exec"] },
  socat: { words: /EXEC|SYSTEM|SHELL/i },
  gcc: COMPILER,
  "g++": COMPILER,
  cc: COMPILER,
  "c++": COMPILER,
  clang: COMPILER,
  "clang++": COMPILER,
  rsync: { long: ["rsh", "rsync-path"], short: "e" },
  pytest: {
    long: [
      "pyargs",
      "rootdir",
      "confcutdir",
      "config-file",
      "override-ini",
      "junitxml",
      "junit-xml",
      "basetemp",
      "log-file",
    ],
    short: "pco",
  },
  eslint: {
    long: [
      "fix",
      "config",
      "output-file",
      "resolve-plugins-relative-to",
      "rulesdir",
      "parser",
      "plugin",
      "format",
      "cache-location",
    ],
    short: "ocf",
  },
  prettier: { long: ["write", "plugin", "config"], short: "w" },
  biome: { long: ["write", "fix", "apply", "config-path"] },
  ruff: { long: ["fix", "config", "output-file"], short: "o" },
  jest: { long: ["config", "globalSetup", "setupFiles", "reporters", "outputFile", "rootDir"], short: "c" },
  vitest: { long: ["config", "globalSetup", "reporter", "outputFile", "root", "dir"], short: "cr" },
  sqlite3: { words: /^\s*\.|^--?(init|cmd)\b/ },
  psql: { words: /\\[!ogw]|\\copy/, long: ["file", "output", "log-file"], short: "foL" },
};

/** Of git, what a subcommand known for reading can be made to do. */
const GIT: Acts = {
  long: [
    ..."output ext-diff textconv open-files-in-pager upload-pack receive-pack exec extcmd tool config-env".split(" "),
    ..."edit-description set-upstream-to delete move copy force".split(" "),
    ..."filters show-signature in-place web".split(" "),
  ],
  short: "OxX",
  // A signature is looked at, or a remote reached, by a program that a setting or the address names.
  words: /%G|^--(?:pretty|format)=.*%G|^ext::/,
};
/** Of subcommands, what others do not mean by the same. */
const GIT_OF: Readonly<Record<string, Acts>> = {
  archive: { long: ["remote"], short: "o" },
  bundle: { words: /^(create|unbundle)$/ },
  clone: { long: ["config", "template"], short: "uc" },
  "format-patch": { operands: 0, long: ["output-directory"], short: "o" },
};
/** Subcommands that run what settings name, or what they are given. */
const GIT_RUNNING = new Set(
  "filter-branch difftool mergetool instaweb web--browse daemon send-email credential hook for-each-repo".split(" "),
);
/** Subcommands that read with some operands and change the repository with others. */
const GIT_CHANGING = new Set("branch tag remote stash config worktree reflog notes submodule bisect".split(" "));

/**
 * Says how a command's arguments make the program run or write something else than its name promises; undefined when
 * they are not known to. Arguments that are not written out count as the worst they can be.
 */
export function actingOption(command: SimpleCommand): string | undefined {
  const name = programName(command.words[0]);
  const words = command.words.slice(1);
  if (name === undefined) return undefined;
  if (name === "git") return actingGit(words);
  if (name === "sed" || name === "gsed") return actingSed(words);
  if (/^[gmn]?awk$/.test(name)) return actingAwk(words);
  const acts = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  if (acts === undefined) return undefined;
  return findActing(name, name === "tar" ? bundled(words) : words, acts);
}

/** tar takes its first word for options, with a hyphen or without. */
function bundled([first, ...rest]: readonly ShellWord[]): readonly ShellWord[] {
  const text = fixedText(first);
  if (first === undefined) return rest;
  return [text === undefined || text.startsWith("-") ? first : { type: "fixed", text: `-${text}` }, ...rest];
}

function findActing(name: string, words: readonly ShellWord[], acts: Acts): string | undefined {
  let operands = 0;
  let onlyOperands = false;
  for (const word of words) {
    const text = fixedText(word);
    if (!onlyOperands && text === "--") {
      onlyOperands = true;
      continue;
    }
    if (text === undefined && mayBeOption(word)) return `an argument of ${name} is not written out`;
    if (text !== undefined && acts.words?.test(text)) return `${name} can run or write something by ${text}`;
    if (!onlyOperands && text?.startsWith("-") && text !== "-") {
      if (isActing(text, acts)) return `${name} can run or write something by ${text}`;
    } else if (++operands > (acts.operands ?? Number.POSITIVE_INFINITY)) {
      return `${name} writes to its last operand`;
    }
  }
  return undefined;
}

function isActing(option: string, { long = [], short = "" }: Acts): boolean {
  const name = /^--([^=]*)/.exec(option)?.[1];
  if (name !== undefined) return name !== "" && long.some((each) => each.startsWith(name));
  return [...short].some((letter) => option.includes(letter));
}

function actingGit(words: readonly ShellWord[]): string | undefined {
  const [subcommand, ...rest] = words;
  const name = fixedText(subcommand);
  // What stands before the subcommand (-c, -C, --exec-path …) changes which program and which repository it is.
  if (name === undefined || name.startsWith("-")) return "git is told to run otherwise than it is set up";
  if (GIT_RUNNING.has(name)) return `git ${name} runs what it is given`;
  if (name === "stash" && rest.length === 0) return "git stash changes the worktree";
  if (
    GIT_CHANGING.has(name) &&
    rest.some((word) => !/^(-v{1,2}|-a|-r|-l|--list|list|show|--show-current|--all)$/.test(fixedText(word) ?? ""))
  ) {
    return `git ${name} can change the repository`;
  }
  const own = Object.hasOwn(GIT_OF, name) ? GIT_OF[name] : undefined;
  return findActing(`git ${name}`, rest, GIT) ?? (own && findActing(`git ${name}`, rest, own));
}

/** An address and a command that prints, deletes, adds text or substitutes, without a file or a program, up to its end. */
const ADDRESS = String.raw`(?:\d+|\$|\/(?:[^/\\\n]|\\.)*\/)`;
const SUBSTITUTION = String.raw`s([/|,#:])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpiI0-9]*`;
const SED_COMMAND = new RegExp(
  String.raw`[\s;]*(?:${ADDRESS}(?:,${ADDRESS})?!?[ \t]*)?(?:[{}]|[aic][^\n]*|(?:[pdqnNgGhHxlD=]|${SUBSTITUTION})?(?=[ \t]*(?:[;\n}]|$)))`,
  "y",
);

/** Whether all commands of a script are of the known kind; they are taken one by one, so the time stays in bounds. */
function isPlainSed(script: string): boolean {
  let at = 0;
  while (at < script.length) {
    SED_COMMAND.lastIndex = at;
    const end = at + (SED_COMMAND.exec(script)?.[0].length ?? 0);
    if (end === at && !/[;\n]/.test(script[at] ?? "")) return false;
    at = end === at ? at + 1 : end;
  }
  return true;
}

/** Says why what sed is given may run something, whatever else it does; undefined when it is known not to. */
export function runningSed(words: readonly ShellWord[]): string | undefined {
  const { scripts, unknown } = readSed(words);
  // In place of the file is where an edit goes as well.
  if (unknown !== undefined && !/^(-[nErsuz]*i|--in-place)/.test(unknown)) return `sed can run something by ${unknown}`;
  return scripts.every((script) => isPlainSed(script) || !SED_RUNS.test(script)) ? undefined : "a sed script can run";
}

/** The command `e`, and the flag `e` of a substitution, wherever there may be one. */
const SED_RUNS = /(?<![A-Za-z_\\])e|[^\w\s][gpiIMm\d]+e/;

function actingSed(words: readonly ShellWord[]): string | undefined {
  const { scripts, unknown } = readSed(words);
  if (unknown !== undefined) return `sed can run or write something by ${unknown}`;
  return scripts.every(isPlainSed) ? undefined : "a sed script can run and write";
}

interface SedArguments {
  readonly scripts: readonly string[];
  /** The first argument that is not written out, or no option that only reads. */
  readonly unknown: string | undefined;
}

function readSed(words: readonly ShellWord[]): SedArguments {
  const scripts: string[] = [];
  let unknown: string | undefined;
  let takesFirst = true;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? { type: "open" };
    const text = fixedText(word);
    if (text === undefined) {
      if (mayBeOption(word) || takesFirst) unknown ??= "an argument that is not written out";
    } else if (/^(-[nErsuz]*e|--expression)$/.test(text)) {
      takesFirst = false;
      scripts.push(fixedText(words[++at]) ?? "e");
    } else if (text.startsWith("-") && text !== "-") {
      if (!/^-[nErsuz]+$|^--(quiet|silent|regexp-extended|separate|null-data|posix|debug|version|help)$/.test(text)) {
        unknown ??= text;
      }
    } else if (takesFirst) {
      takesFirst = false;
      scripts.push(text);
    }
  }
  return { scripts, unknown };
}

/** Options that only say how fields are parted, and set variables. */
const AWK_PLAIN = /^(?:-F.*|-v|-v[A-Za-z_]\w*=.*|-|--|--(?:version|help|posix|csv|traditional|re-interval))$/s;

function actingAwk(words: readonly ShellWord[]): string | undefined {
  for (const word of words) {
    const text = fixedText(word);
    if (text === undefined) {
      if (mayBeOption(word)) return "an argument of awk is not written out";
    } else if (/[|>@]|system|getline|close|fflush/.test(text) || (text.startsWith("-") && !AWK_PLAIN.test(text))) {
      return "an awk program can run and write";
    }
  }
  return undefined;
}
