import { actingOption } from "./acting-options.ts";
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
const RUNNERS = /^(?:.*\/)?(?:env|eval|exec|busybox|toybox|[a-z]{0,4}sh|xargs|nohup)$/;

/** Of plain programs, and of some that are not, the arguments by which they run what these hold. */
const RUNNING: Readonly<Record<string, RegExp>> = {
  awk: /(?<!\|)\|(?!\|)|@|system|^-[a-zA-Z]*[fiElD]/,
  git: /^(-[a-wyzA-Z]*x|foreach|run)$|^--(exe|ext|upl|rec|ope|tool)|^ext::|filter$|=!|^(alias|core|pager|diff|merge|filter|credential|sequence|gpg|interactive|remote|http)\.[^=]*=/,
  fd: /^-[a-zA-Z]*[xX]|^--exec/,
  make: /^(SHELL|MAKEFLAGS|MAKE)=|^--ev/,
  man: /^-[a-zA-Z]*[PH]|^--(pa|ht)/,
  rg: /^--(pre$|pre=|ho)/,
  rsync: /^-[a-zA-Z]*e|^--rs/,
  ssh: /^-[a-zA-Z]*[oF]/,
  tar: /^--(ch.*-|to-|us|rs|in|ne)|^-[a-zA-Z]*[IF]/,
  vim: /^\+|^-c|^--cmd/,
};

/** The command `e`, and the flag `e` of a substitution, where there can be one. */
const SED_RUNS = /(?<![A-Za-z_\\])e(?![\w.])|[^\w\s][gpiIMm\d]*e[gpiIMm\d]*(?:[;}\n]|$)|^--?(?:file|f)|^-[nErsuz]*f/;

/** Whether a program may be run by a command that it is only an argument of. */
export function mayRun(command: SimpleCommand, program: string): boolean {
  const name = programName(command.words[0]);
  if (name === undefined) return false;
  const texts = command.words.slice(1).flatMap((word) => fixedText(word) ?? []);
  if (/^g?sed$/.test(name)) return actingOption(command) !== undefined && texts.some((text) => SED_RUNS.test(text));
  const running = RUNNING[name.replace(/^[gmn]awk$/, "awk").replace(/^(vi|ex|nvim|view)$/, "vim")];
  if (running !== undefined && texts.some((text) => running.test(text))) return true;
  if (PLAIN.has(name)) return false;
  const mention = new RegExp(String.raw`(?<![\w.-])${program.replaceAll(/\W/g, "\\$&")}(?![\w./-])`, "i");
  return texts.some((text) => RUNNERS.test(text) || mention.test(text));
}
