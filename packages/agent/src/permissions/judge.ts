import { posix } from "node:path";
import { type CommandAnalysis, matchingRule, namedFiles, rulesFor, whyNotAllowed } from "./command-rules.ts";
import type { PermissionMode } from "./modes.ts";
import { programName } from "./nested-commands.ts";
import { pathPattern } from "./path-pattern.ts";
import { isProtected } from "./protected-files.ts";
import { NETWORK, type Rule, type Verdict } from "./rule.ts";
import { fixedText } from "./shell-word.ts";

/** Rules by what they say. Deny comes before ask, ask before allow. */
export type Rules = Readonly<Record<Verdict, readonly Rule[]>>;

/** A call, as far as its permission depends on it. */
export interface Call {
  readonly tool: string;
  readonly effect: "read" | "edit" | "execute";
  /** Absolute paths that it names, as they are written and where links lead. */
  readonly paths: readonly string[];
  /** The shell command of a Bash call. */
  readonly command: CommandAnalysis | undefined;
  /** Whether the command is to reach the network. */
  readonly wantsNetwork: boolean;
}

/** Where a call is judged. */
export interface Place {
  readonly mode: PermissionMode;
  readonly rules: Rules;
  /** The root of the worktree. */
  readonly root: string;
  /** The root of the user's checkout: a rule that is about a file in one is about the same in the other. */
  readonly checkout: string;
  /** The folder that commands start in. */
  readonly cwd: string;
  readonly home: string;
  /** Whether commands are confined to the worktree, and to no network. */
  readonly isSandboxed: boolean;
  readonly hasNetwork: boolean;
}

type FilePlace = Pick<Place, "mode" | "rules" | "root" | "checkout" | "home">;

/** What is to happen with a call, and why. */
export interface Decision {
  readonly verdict: Verdict;
  readonly why: string;
  /** Rules that would allow the like of it from now on. */
  readonly rules: readonly string[];
}

/** The tools that a rule about reading or editing files is about as well. */
const READERS = new Set(["Read", "Grep", "Find", "Ls"]);
const EDITORS = new Set(["Edit", "Write"]);

/** Decides whether a call may run, may not, or is for a person to decide. */
export function judge(call: Call, place: Place): Decision {
  const { mode, rules } = place;
  const denied = match(call, rules.deny, place);
  if (denied?.isSure) return decision("deny", `the rule ${denied.rule} forbids it`);
  if (mode === "plan" && call.effect !== "read") return decision("deny", "in plan mode nothing is run or changed");
  if (mode === "bypassPermissions") {
    return denied === undefined ? ALLOW : decision("deny", `it may be what the rule ${denied.rule} forbids`);
  }
  const asked = denied ?? match(call, rules.ask, place);
  if (asked !== undefined) return unless(mode, { verdict: "ask", why: whyAsked(asked, denied), rules: [] });
  return unless(mode, judgeUnruled(call, place));
}

const ALLOW: Decision = { verdict: "allow", why: "", rules: [] };

function decision(verdict: Verdict, why: string): Decision {
  return { verdict, why, rules: [] };
}

/** What would be asked, and cannot be, is denied. */
function unless(mode: PermissionMode, found: Decision): Decision {
  return mode === "dontAsk" && found.verdict === "ask" ? { ...found, verdict: "deny" } : found;
}

function whyAsked({ rule, isSure }: { rule: string; isSure: boolean }, denied: unknown): string {
  if (denied !== undefined) return `it may be what the rule ${rule} forbids`;
  return isSure ? `the rule ${rule} says to ask` : `it may be what the rule ${rule} asks about`;
}

function judgeUnruled(call: Call, place: Place): Decision {
  const guarded = call.effect === "read" ? undefined : call.paths.find((path) => isProtected(path, place.root));
  if (guarded !== undefined && !allowsByName(call, place)) {
    return decision("ask", `${posix.relative(place.root, guarded)} decides what agents may do or are told`);
  }
  if (call.command !== undefined) return judgeCommand(call, call.command, place);
  // The file tools reach nothing outside the worktree.
  if (call.effect !== "execute" || hasRule(call, place)) return ALLOW;
  return { verdict: "ask", why: `${call.tool} may change anything`, rules: [call.tool] };
}

function judgeCommand(call: Call, command: CommandAnalysis, place: Place): Decision {
  const needsNetwork = call.wantsNetwork && !place.hasNetwork;
  if (place.isSandboxed && !needsNetwork) return ALLOW;
  const why = whyNotAllowed(command, ofTool(place.rules.allow, "Bash"));
  if (why === undefined) return ALLOW;
  if (place.mode === "acceptEdits" && !call.wantsNetwork && isFileWork(command, place)) return ALLOW;
  if (place.isSandboxed) return { verdict: "ask", why: "it wants to reach the network", rules: [NETWORK] };
  return { verdict: "ask", why: `it runs outside a sandbox, and ${why}`, rules: rulesFor(command) };
}

/** Commands that make, move and remove files, which edits do as well. */
const FILE_WORK = new Set(["mkdir", "rmdir", "touch", "mv", "cp", "rm"]);

function isFileWork(command: CommandAnalysis, place: Place): boolean {
  const isPlain = command.unclear === undefined && command.top.length === command.all.length;
  const isKnown = command.all.every(({ words, sets, writes, reads }) => {
    const name = programName(words[0]);
    const isBare = sets.length + writes.length + reads.length === 0;
    return isBare && name !== undefined && FILE_WORK.has(name) && words.every((word) => fixedText(word) !== undefined);
  });
  const inside = (path: string) => path.startsWith(`${place.root}/`) && !/\/\.git(\/|$)/i.test(path);
  return (
    isPlain &&
    isKnown &&
    command.all.length > 0 &&
    namedFiles(command, place).every((path) => inside(path) && !isProtected(path, place.root))
  );
}

function hasRule({ tool }: Call, { rules }: Place): boolean {
  return ofTool(rules.allow, tool).some(({ specifier }) => specifier === undefined);
}

/** Whether a rule allows just these files, not all there are. */
function allowsByName(call: Call, place: Place): boolean {
  const rules = place.rules.allow.filter(({ tool, specifier }) => EDITORS.has(tool) && specifier !== undefined);
  const patterns = rules.map(({ specifier = "" }) => pathPattern(specifier, place));
  return call.paths.every((path) => patterns.some((matches) => matches(path)));
}

function ofTool(rules: readonly Rule[], tool: string): Rule[] {
  return rules.filter((rule) => rule.tool === tool);
}

function match(call: Call, rules: readonly Rule[], place: Place): { rule: string; isSure: boolean } | undefined {
  const file = rules.find((rule) => isAbout(rule, call) && matchesFile(rule, call, place));
  if (file !== undefined) return { rule: file.text, isSure: true };
  return call.command === undefined ? undefined : matchingRule(call.command, ofTool(rules, "Bash"));
}

/** A command's files count for both, since it may do either with them. */
function isAbout({ tool, specifier }: Rule, call: Call): boolean {
  if (call.command !== undefined) return specifier !== undefined && (READERS.has(tool) || EDITORS.has(tool));
  if (tool === call.tool) return true;
  if (specifier === undefined) return false;
  return (tool === "Read" && READERS.has(call.tool)) || (EDITORS.has(tool) && EDITORS.has(call.tool));
}

function matchesFile({ specifier }: Rule, call: Call, place: Place): boolean {
  if (specifier === undefined) return true;
  const paths = call.command === undefined ? call.paths : namedFiles(call.command, place);
  return paths.some(filePattern(specifier, place));
}

/** Compiles the path of a rule to a test of absolute ones, in the worktree or in the checkout it stands for. */
function filePattern(specifier: string, place: Omit<FilePlace, "mode">): (path: string) => boolean {
  // Where capitals make no difference they must not make one here either.
  const lower = (text: string) => text.toLowerCase();
  const patterns = [place.root, place.checkout].map((root) =>
    pathPattern(lower(specifier), { root: lower(root), home: lower(place.home) }),
  );
  return (path) => patterns.some((matches) => matches(lower(path)));
}

/** The rules that keep single files from a tool that reads, and the test of absolute paths that they come to. */
export function hidingRules(
  tool: string,
  named: readonly string[],
  place: FilePlace,
): { readonly rules: readonly string[]; hides(path: string): boolean } {
  const { deny, ask } = place.rules;
  const about = (rules: readonly Rule[]) =>
    rules.flatMap(({ text, tool: name, specifier }) => {
      if (specifier === undefined || (name !== tool && !(name === "Read" && READERS.has(tool)))) return [];
      return [{ text, matches: filePattern(specifier, place) }];
    });
  // What a call names was asked about, and what it comes by on the way was not.
  const unasked = place.mode === "bypassPermissions" ? [] : about(ask).filter(({ matches }) => !named.some(matches));
  const hiding = [...about(deny), ...unasked];
  return {
    rules: hiding.map(({ text }) => text),
    hides: (path) => hiding.some(({ matches }) => matches(path)),
  };
}
