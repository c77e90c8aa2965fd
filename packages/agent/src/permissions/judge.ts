import { posix } from "node:path";
import { type CommandAnalysis, matchingRule, namedFiles, whyNotAllowed } from "./command-rules.ts";
import { type FilePlace, filePattern, READERS } from "./hidden-files.ts";
import type { PermissionMode } from "./modes.ts";
import { programName } from "./nested-commands.ts";
import type { Offer } from "./offer.ts";
import { offersFor } from "./offered-rules.ts";
import { pathPattern } from "./path-pattern.ts";
import { isProtected } from "./protected-files.ts";
import { NETWORK, type Rule, type Verdict } from "./rule.ts";
import { fixedText } from "./shell-word.ts";

/** A call, as far as its permission depends on it. */
export interface Call {
  readonly tool: string;
  readonly effect: "read" | "edit" | "execute";
  /** Absolute paths that it names, as they are written and where links lead. */
  readonly paths: readonly string[];
  /** The skill that a Skill call asks for. */
  readonly skill?: string;
  /** The shell command of a Bash call. */
  readonly command: CommandAnalysis | undefined;
  /** Whether the command is to reach the network. */
  readonly wantsNetwork: boolean;
  /** The kind of agent that an Agent call asks for. */
  readonly kind?: string | undefined;
}

/** Where a call is judged. */
export interface Place extends FilePlace {
  /** The folder that commands start in. */
  readonly cwd: string;
  /** Whether commands are confined to the worktree, and to no network. */
  readonly isSandboxed: boolean;
  readonly hasNetwork: boolean;
}

/** What is to happen with a call, and why. */
export interface Decision {
  readonly verdict: Verdict;
  readonly why: string;
  /** What would allow the like of it from now on. */
  readonly offers: readonly Offer[];
}

/** Edit tells what it changed and what is around it. */
const TELLERS = new Set([...READERS, "Edit"]);
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
  if (asked !== undefined) return unless(mode, { verdict: "ask", why: whyAsked(asked, denied), offers: [] });
  return unless(mode, judgeUnruled(call, place));
}

const ALLOW: Decision = { verdict: "allow", why: "", offers: [] };

function decision(verdict: Verdict, why: string): Decision {
  return { verdict, why, offers: [] };
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
  return { verdict: "ask", why: `${call.tool} may change anything`, offers: [[call.tool]] };
}

function judgeCommand(call: Call, command: CommandAnalysis, place: Place): Decision {
  const needsNetwork = call.wantsNetwork && !place.hasNetwork;
  if (place.isSandboxed && !needsNetwork) return ALLOW;
  const why = whyNotAllowed(command, ofTool(place.rules.allow, "Bash"));
  if (why === undefined) return ALLOW;
  if (place.mode === "acceptEdits" && !call.wantsNetwork && isFileWork(command, place)) return ALLOW;
  if (place.isSandboxed) return { verdict: "ask", why: "it wants to reach the network", offers: [[NETWORK]] };
  return { verdict: "ask", why: `it runs outside a sandbox, and ${why}`, offers: offersFor(command) };
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
  return (tool === "Read" && TELLERS.has(call.tool)) || (EDITORS.has(tool) && EDITORS.has(call.tool));
}

function matchesFile({ tool, specifier }: Rule, call: Call, place: Place): boolean {
  if (specifier === undefined) return true;
  if (tool === "Agent") return specifier === call.kind;
  if (call.skill !== undefined) return specifier === call.skill;
  const paths = call.command === undefined ? call.paths : namedFiles(call.command, place);
  return paths.some(filePattern(specifier, place));
}
