import * as z from "zod";
import { type Definition, type DefinitionOptions, foldersOf, readDefinitions } from "../sources/definitions.ts";
import { fieldsOf } from "../sources/front-matter.ts";

const DEEPEST = 4;

/** A prompt that is kept in a file, and sent by its name. */
export interface UserCommand {
  /** What follows the slash; that of a file in a folder is `folder:name`. */
  readonly name: string;
  readonly description: string;
  /** What is to follow the name, for people. */
  readonly argumentHint?: string;
  /** `<provider>/<id>`, for the turn that it begins. */
  readonly model?: string;
  /** The prompt, in which `$ARGUMENTS`, `$1` and `@file` stand for something else. */
  readonly body: string;
  /** The file it is from, as people are told of it. */
  readonly file: string;
}

/** Commands as they were found. */
export interface LoadedCommands {
  /** By their names, each once: those of the repository before the user's own. */
  readonly commands: readonly UserCommand[];
  /** What of the files is not used, and why. */
  readonly warnings: readonly string[];
}

const error = "a text of at most 4,096 characters";
const text = z.string({ error }).max(4_096, { error }).nullish();
/** `[file]` is a list for YAML. */
const hint = z.preprocess((given) => (Array.isArray(given) ? `[${given.join(", ")}]` : given), text);

const schema = z.object({ description: text, "argument-hint": hint, model: text });

/** Reads the commands of the repository that a folder is in, and the user's own; none of them widens anything. */
export async function loadCommands(options: DefinitionOptions): Promise<LoadedCommands> {
  const warnings: string[] = [];
  const warn = (warning: string) => warnings.push(warning);
  const commands = new Map<string, UserCommand>();
  for (const folder of await foldersOf("commands", options)) {
    for (const command of await readDefinitions(folder, commandOf, { deepest: DEEPEST, warn })) {
      if (!commands.has(command.name)) commands.set(command.name, command);
    }
  }
  return { commands: [...commands.values()], warnings };
}

function commandOf(definition: Definition): UserCommand {
  const { file, path, body, isRepository } = definition;
  if (!/^[\p{L}\p{N}_./-]{1,200}$/u.test(path))
    throw new Error("its name has other characters than letters, digits, - and _");
  const fields = fieldsOf(definition, schema);
  const { description, model, "argument-hint": argumentHint } = fields;
  const [firstLine = ""] = body.trim().split("\n", 1);
  // A name without a provider is that of another agent's own models, and a repository does not choose what one pays for.
  const isUsable = !isRepository && model?.includes("/") === true;
  return {
    name: path.replaceAll("/", ":"),
    description: (description ?? firstLine).trim(),
    ...(argumentHint ? { argumentHint } : {}),
    ...(isUsable && model ? { model } : {}),
    body: body.trim(),
    file,
  };
}
