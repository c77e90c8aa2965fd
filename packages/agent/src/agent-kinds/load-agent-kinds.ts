import * as z from "zod";
import { type PermissionMode, permissionModes } from "../permissions/modes.ts";
import { toolName } from "../permissions/rule.ts";
import { openMasker } from "../secrets/open-masker.ts";
import { checkoutOf, trustFile } from "../settings/places.ts";
import { type Definition, type DefinitionOptions, foldersOf, readDefinitions } from "../sources/definitions.ts";
import { fieldsOf } from "../sources/front-matter.ts";
import { TrustStore } from "../trust/trust-store.ts";

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
  const error = `a text of 1 to ${most} characters`;
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

/** Where kinds of agents are looked for. */
export interface AgentKindOptions extends DefinitionOptions {
  /** Whether those of the repository are trusted as they are now, and from now on. */
  readonly trust?: boolean;
}

/**
 * Reads the kinds of agents of the repository that a folder is in, and the user's own. One that a repository brings
 * chooses no model, and no permission mode but those that allow less, until the user trusted it as it is now.
 */
export async function loadAgentKinds(options: AgentKindOptions): Promise<LoadedAgentKinds> {
  const { cwd, env = process.env } = options;
  const warnings: string[] = [];
  const warn = (warning: string) => warnings.push(warning);
  const found = new Map<string, FoundKind>();
  for (const folder of await foldersOf("agents", options)) {
    for (const kind of await readDefinitions(folder, kindOf, { deepest: 0, warn })) {
      if (!found.has(kind.narrow.name)) found.set(kind.narrow.name, kind);
    }
  }
  if (found.size === 0) return { kinds: [], warnings };
  const root = await checkoutOf(cwd);
  const untrusted = root === undefined ? new Set() : await untrustedOf([...found.values()], root, options);
  const masker = await openMasker({ environment: env, folders: root === undefined ? [] : [root] });
  const kinds = [...found.values()].map((each): AgentKind => {
    const kind = untrusted.has(each) ? each.narrow : { ...each.narrow, ...each.wide };
    return { ...kind, description: masker.mask(kind.description), prompt: masker.mask(kind.prompt) };
  });
  for (const { definition, wide } of found.values().filter((each) => untrusted.has(each))) {
    const [field = "model"] = Object.keys(wide);
    const place = `${definition.file}:${definition.lineOf(field)}`;
    const what = Object.keys(wide).join(" and ");
    warn(`${place}: ${what} not used, because you have not trusted it. Look at it, then run with --trust`);
  }
  return { kinds, warnings };
}

/** A kind, and what of it takes the user's trust where a repository brings it. */
interface FoundKind {
  readonly definition: Definition;
  readonly narrow: AgentKind;
  readonly wide: Pick<AgentKind, "model" | "permissionMode">;
}

async function untrustedOf(
  found: readonly FoundKind[],
  root: string,
  { trust = false, env = process.env }: AgentKindOptions,
): Promise<ReadonlySet<FoundKind>> {
  const wanting = found.filter(({ definition, wide }) => definition.isRepository && Object.keys(wide).length > 0);
  if (wanting.length === 0) return new Set();
  const store = new TrustStore({ file: trustFile(env), root });
  const trusted = await store.digests();
  const doubted = wanting.filter(({ definition: { file, digest } }) => trusted.get(file) !== digest);
  if (!trust) return new Set(doubted);
  if (doubted.length > 0) {
    await store.trust(Object.fromEntries(doubted.map(({ definition: { file, digest } }) => [file, digest])));
  }
  return new Set();
}

/** What a repository may choose untrusted: less than whoever starts it has. */
const NARROW: readonly PermissionMode[] = ["plan", "dontAsk"];

function kindOf(definition: Definition): FoundKind {
  const { file, isRepository, body } = definition;
  const { name, description, tools, model, permissionMode, maxTurns, isolation } = fieldsOf(definition, schema);
  const isNarrow = permissionMode && NARROW.includes(permissionMode);
  return {
    definition,
    narrow: {
      name,
      description,
      ...(tools === undefined || tools === null || tools.includes("*") ? {} : { tools: toolsOf(tools) }),
      ...(isNarrow ? { permissionMode } : {}),
      ...(maxTurns ? { maxTurns } : {}),
      ...(isolation ? { isolation } : {}),
      prompt: body.trim(),
      file,
      isRepository,
    },
    wide: {
      // A name without a provider is that of another agent's own models.
      ...(model?.includes("/") ? { model } : {}),
      ...(permissionMode && !isNarrow ? { permissionMode } : {}),
    },
  };
}

/** A tool that is narrowed in parentheses is left out: without them it could do more. */
function toolsOf(names: readonly string[]): string[] {
  const bare = names.map((name) => name.trim()).filter((name) => /^[\w-]+$/.test(name));
  return [...new Set(bare.map(toolName))];
}
