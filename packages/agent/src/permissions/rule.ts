/** What a rule says of the calls it is about. */
export type Verdict = "allow" | "ask" | "deny";

/** A permission rule: a tool, and what of its calls is meant; without `specifier` all of them. */
export interface Rule {
  /** As it was written. */
  readonly text: string;
  /** The tool's name here, whatever other agents call it. */
  readonly tool: string;
  readonly specifier: string | undefined;
}

/** Rules by what they say. Deny comes before ask, ask before allow. */
export type Rules = Readonly<Record<Verdict, readonly Rule[]>>;

/** The rule by which commands may reach the network. */
export const NETWORK = "Network";

/** Names that other agents give to tools. */
const NAMES: Readonly<Record<string, string>> = {
  Glob: "Find",
  LS: "Ls",
  Task: "Agent",
  MultiEdit: "Edit",
  NotebookEdit: "Edit",
  BashOutput: "Jobs",
  KillShell: "Jobs",
};

/** The name here of a tool that other agents may call otherwise. */
export function toolName(name: string): string {
  return (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined) ?? name;
}

/** All names of a tool: the one here, and those that other agents give it. */
export function toolNames(name: string): string[] {
  return [name, ...Object.keys(NAMES).filter((other) => NAMES[other] === name)];
}

/** Reads a rule such as `Bash(npm run test:*)`, `Read(./.env)` or `Edit`; undefined when it is none. */
export function parseRule(text: string): Rule | undefined {
  const found = /^([A-Za-z_][\w-]*)(?:\((.*)\))?$/s.exec(text.trim());
  const [, name, inner] = found ?? [];
  if (name === undefined) return undefined;
  const specifier = inner?.trim();
  if (specifier === "") return undefined;
  return { text: text.trim(), tool: toolName(name), specifier: specifier === "*" ? undefined : specifier };
}
