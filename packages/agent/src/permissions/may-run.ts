import { actingOption, runningSed } from "./acting-options.ts";
import { programName } from "./nested-commands.ts";
import type { SimpleCommand } from "./read-command.ts";
import { fixedText } from "./shell-word.ts";

/** Programs that take their arguments for text or names of files and run none of it. */
const PLAIN = new Set(
  (
    "echo printf true false : pwd exit return break continue test [ cd set export unset local declare typeset readonly shift wait " +
    "cat tac head tail wc ls tree stat file touch mkdir rmdir rm cp mv ln chmod chown readlink realpath basename dirname " +
    "grep egrep fgrep rg ag sort uniq cut tr tee paste join comm cmp diff patch seq sleep date which whereis type kill " +
    "df du ps jq yq sed gsed awk gawk mawk nawk git sha256sum md5sum base64 od xxd hexdump strings column nl fold less more"
  ).split(" "),
);

/** Programs whose name as an argument says that the rest is a command. */
const RUNNERS = /^(?:.*\/)?(?:env|eval|busybox|toybox|[a-z]{0,4}sh|xargs|nohup)$/;

/** Settings of git that only change what is shown or how it is written; any other may name a program or a file of settings. */
const HARMLESS = String.raw`(?:user|author|committer|color|advice|column|log|status|safe|i18n|commit|push|pull|fetch|branch|rebase|tag|stash|grep|blame)\.|core\.(?:quotepath|autocrlf|eol|filemode|ignorecase|abbrev|safecrlf|longpaths|precomposeunicode|symlinks|whitespace)=|diff\.(?:renames|renamelimit|algorithm|context|noprefix|mnemonicprefix|colormoved|wordregex)=|init\.defaultbranch=`;

/** Of plain programs, and of some that are not, the arguments by which they run what these hold. */
const RUNNING: Readonly<Record<string, RegExp>> = {
  awk: /(?<!\|)\|(?!\|)|@|system|^-[a-zA-Z]*[fiElD]/,
  git: new RegExp(
    String.raw`^(-[a-wyzA-Z]*x|foreach|run)$|^--(exe|ext|upl|rec|ope|tool)|^ext::|filter$|=!|^(?!${HARMLESS})[a-z][\w-]*\.[^=\s]+=`,
    "i",
  ),
  fd: /^-[a-zA-Z]*[xX]|^--exec/,
  make: /^(SHELL|MAKEFLAGS|MAKE)=|^--ev|^-[a-zA-Z]*E|\$|^-([a-zA-Z]*f-)?$|^\/dev\//,
  man: /^-[a-zA-Z]*[PH]|^--(pa|ht)/,
  rg: /^--(pre$|pre=|ho)/,
  rsync: /^-[a-zA-Z]*e|^--rs/,
  ssh: /^-[a-zA-Z]*[oF]/,
  tar: /^--(ch.*-|to-|us|rs|in|ne)|^-[a-zA-Z]*[IF]/,
  sort: /^--comp/,
  ag: /^--pager/,
};

/** Whether a program may be run by a command that it is only an argument of. */
export function mayRun(command: SimpleCommand, program: string): boolean {
  const name = programName(command.words[0]);
  if (name === undefined) return false;
  const texts = command.words.slice(1).flatMap((word) => fixedText(word) ?? []);
  if (/^g?sed$/.test(name)) return runningSed(command.words.slice(1)) !== undefined;
  const running = RUNNING[name.replace(/^[gmn]awk$/, "awk").replace(/^s(cp|ftp)$/, "ssh")];
  if (running !== undefined && texts.some((text) => running.test(text))) return true;
  // Of git a setting, or what is glued to a letter, may be a command.
  if (name === "git" && actingOption(command) !== undefined) {
    return hasOpenSetting(command) || texts.some((text) => mentions(text, program));
  }
  if (PLAIN.has(name)) return false;
  const mention = new RegExp(String.raw`(?<![\w.-])${program.replaceAll(/\W/g, "\\$&")}(?![\w./-])`, "i");
  return texts.some((text) => RUNNERS.test(text) || mention.test(text));
}

/** Whether git is given a setting that is not written out. */
function hasOpenSetting({ words: [, ...rest] }: SimpleCommand): boolean {
  const texts = rest.map(fixedText);
  return texts.some((text, at) => text === undefined && /^(-c|--config-env|--exec-path)$/.test(texts[at - 1] ?? "-c"));
}

function mentions(text: string, program: string): boolean {
  return text.startsWith("!") || text.toLowerCase().includes(program);
}
