import * as z from "zod";
import { type PermissionMode, permissionModes } from "../permissions/modes.ts";
import { toolName } from "../permissions/rule.ts";
import { type Definition, type DefinitionOptions, foldersOf, readDefinitions } from "../sources/definitions.ts";
import { fieldsOf } from "../sources/front-matter.ts";

/** A kind of agent that others can be started as. */
export interface AgentKind {
  readonly name: string;
  /** When it is of use, for a model that chooses one. */
  readonly description: string;
  /** The names here of its tools; without them it has those of whoever starts it. */
  readonly tools?: readonly string[];
  /** `<provider>/<id>`; without it the model of whoever starts it. */
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  /** The most replies of its model. */
  readonly maxTurns?: number;
  readonly isolation?: "worktree" | "none";
  /** What it is told besides the system prompt. */
  readonly prompt: string;
  /** The file it is from, as people are told of it. */
  readonly file: string;
  /** Whether a repository brings it. */
  readonly isRepository: boolean;
}

/** Kinds of agents as they were found. */
export interface LoadedAgentKinds {
  /** By their names, each once: those of the repository before the user's own. */
  readonly kinds: readonly AgentKind[];
  /** What of the files is not used, and why. */
  readonly warnings: readonly string[];
}

const text = (most: number) => {
  const error = `a text of 1 to ${most.toLocaleString("en")} characters`;
  return z.string({ error }).trim().min(1, { error }).max(most, { error });
};
const names = z.preprocess(
  (given) => (typeof given === "string" ? given.split(",") : given),
  z.array(z.string(), { error: "names of tools, such as Read, Grep" }),
);
const modeNames = permissionModes.join(", ");

const schema = z.object({
  name: z
    .string({ error: "a name of 1 to 64 letters, digits, - and _" })
    .regex(/^[\w-]{1,64}$/, { error: "a name of 1 to 64 letters, digits, - and _" }),
  description: text(4_096),
  tools: names.nullish(),
  model: text(256).nullish(),
  permissionMode: z.enum(permissionModes, { error: `one of ${modeNames}` }).nullish(),
  maxTurns: z.int({ error: "a whole number above 0" }).min(1, { error: "a whole number above 0" }).nullish(),
  isolation: z.enum(["worktree", "none"], { error: "worktree or none" }).nullish(),
});

/**
 * Reads the kinds of agents of the repository that a folder is in, and the user's own. One that a repository brings
 * chooses no model and no permission mode but those that allow less.
 */
export async function loadAgentKinds(options: DefinitionOptions): Promise<LoadedAgentKinds> {
  const warnings: string[] = [];
  const warn = (warning: string) => warnings.push(warning);
  const kinds = new Map<string, AgentKind>();
  for (const folder of await foldersOf("agents", options)) {
    for (const kind of await readDefinitions(folder, (definition) => kindOf(definition, warn), { deepest: 0, warn })) {
      if (!kinds.has(kind.name)) kinds.set(kind.name, kind);
    }
  }
  return { kinds: [...kinds.values()], warnings };
}

/** What a repository may choose: less than whoever starts it has. */
const NARROW: readonly PermissionMode[] = ["plan", "dontAsk"];

function kindOf(definition: Definition, warn: (warning: string) => void): AgentKind {
  const { file, isRepository, body, lineOf } = definition;
  const { name, description, tools, model, permissionMode, maxTurns, isolation } = fieldsOf(definition, schema);
  const isUsable = (field: string, isUsed: boolean, why: string) => {
    if (!isUsed) warn(`${file}:${lineOf(field)}: ${field} is not used: ${why}`);
    return isUsed;
  };
  const isTooWide =
    isRepository && permissionMode !== undefined && permissionMode !== null && !NARROW.includes(permissionMode);
  const wished = model ?? "inherit";
  return {
    name,
    description,
    ...(tools === undefined || tools === null || tools.includes("*") ? {} : { tools: toolsOf(tools) }),
    // A name without a provider is that of another agent's own models.
    ...(wished.includes("/") && isUsable("model", !isRepository, "a repository does not choose what you pay for")
      ? { model: wished }
      : {}),
    ...(permissionMode && isUsable("permissionMode", !isTooWide, "a repository widens no permissions")
      ? { permissionMode }
      : {}),
    ...(maxTurns ? { maxTurns } : {}),
    ...(isolation ? { isolation } : {}),
    prompt: body.trim(),
    file,
    isRepository,
  };
}

/** A tool that is narrowed in parentheses is left out: without them it could do more. */
function toolsOf(names: readonly string[]): string[] {
  const bare = names.map((name) => name.trim()).filter((name) => /^[\w-]+$/.test(name));
  return [...new Set(bare.map(toolName))];
}
