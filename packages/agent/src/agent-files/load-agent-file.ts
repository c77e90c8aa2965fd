import * as z from "zod";
import { type PermissionMode, permissionModes } from "../permissions/modes.ts";
import { toolName } from "../permissions/rule.ts";
import { readSmallFile } from "../settings/read-file.ts";
import { SettingsError } from "../settings/settings-error.ts";
import { type FrontMatter, fieldsOf } from "../sources/front-matter.ts";
import { FrontMatterError } from "../sources/front-matter-error.ts";

/** What an agent is to be: for `Agent.start`, `Agent.resume`, or `configure` in the middle of a conversation. */
export interface AgentFile {
  /** `<provider>/<id>`. */
  readonly model?: string;
  /** Takes the place of the system prompt. */
  readonly system?: string;
  readonly tools?: readonly string[];
  readonly permissionMode?: PermissionMode;
}

const text = (error: string) => z.string({ error }).trim().min(1, { error }).optional();
const toolsError = "names of tools, such as [Read, Grep]";

const schema = z.object({
  model: text("a model such as anthropic/claude-sonnet-4-5"),
  system: text("a text"),
  tools: z
    .preprocess(
      (given) => (typeof given === "string" ? given.split(",") : given),
      z.array(z.string(), { error: toolsError }),
    )
    .transform((names) => names.map((name) => toolName(name.trim())))
    .optional(),
  permissionMode: z.enum(permissionModes, { error: `one of ${permissionModes.join(", ")}` }).optional(),
});

const KEYS = Object.keys(schema.shape);

/**
 * Reads an agent file, which is YAML or JSON. Undefined when there is no such file, and when it holds settings: it is JSON
 * and names neither a system prompt, nor tools, nor a permission mode. Throws a `SettingsError` that names file and line.
 */
export async function loadAgentFile(path: string): Promise<AgentFile | undefined> {
  const bytes = await readSmallFile(path);
  if (bytes === undefined) return undefined;
  const isYaml = /\.ya?ml$/i.test(path);
  const { parseFields } = await import("../sources/parse-fields.ts");
  try {
    const read = parseFields(bytes.toString().replace(/^\ufeff/, ""), { linesBefore: 0 });
    if (!isYaml && !KEYS.some((key) => key !== "model" && Object.hasOwn(read.fields, key))) return undefined;
    refuseUnknown(read);
    return fieldsOf(read, schema);
  } catch (error) {
    if (!(error instanceof FrontMatterError)) throw error;
    // What settings may hold besides, such as comments, is for whoever reads those.
    if (!isYaml && error.cause === undefined && error.message.startsWith("it is no YAML")) return undefined;
    throw new SettingsError(`${path}:${error.line}: ${error.message}.`, { cause: error });
  }
}

function refuseUnknown({ fields, lineOf }: Pick<FrontMatter, "fields" | "lineOf">): void {
  const unknown = Object.keys(fields).find((key) => !KEYS.includes(key));
  if (unknown === undefined) return;
  const known = KEYS.join(", ");
  throw new FrontMatterError(`an agent file has no "${unknown}"; it may have ${known}`, { line: lineOf(unknown) });
}
