import { realpath } from "node:fs/promises";
import { posix, relative } from "node:path";
import { looksLikeCredential } from "@bough/gitstate";
import { findImports } from "../instructions/find-imports.ts";
import { firstLines } from "../instructions/first-lines.ts";
import { hidingRules } from "../permissions/hidden-files.ts";
import type { Rules } from "../permissions/rule.ts";
import { checkoutOf, homeFolder } from "../settings/places.ts";
import { SourceFolder } from "../sources/source-folder.ts";
import { decodeFile } from "../tools/text-file.ts";
import type { UserCommand } from "./load-commands.ts";

const MOST_BYTES = 32 * 1024;
const MOST_FILES = 20;

/** What a command is given. */
export interface ExpandOptions {
  /** What follows its name. */
  readonly args: string;
  /** The folder the user is in; the files that a command names are relative to it. */
  readonly cwd: string;
  /** What may not be read is not added to the prompt either. */
  readonly rules?: Rules;
}

/** Makes a prompt of a command: arguments in their places, and behind it the files of the repository that it names. */
export async function expandCommand(command: UserCommand, options: ExpandOptions): Promise<string> {
  const prompt = withArguments(command.body, options.args.trim());
  const commands = /(?<!\S)!`[^`\n]+`/.test(prompt) ? [RUN_YOURSELF] : [];
  return [prompt, ...commands, ...(await filesOf(prompt, options))].join("\n\n");
}

/** Nothing is run before the model is asked: what it runs itself is confined, and permitted, like all it runs. */
const RUN_YOURSELF = "Where !`command` stands above, run the command yourself, and take what it prints in its place.";

function withArguments(body: string, args: string): string {
  const words = [...args.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\S+/g)].map(
    ([word, double, single]) => double?.replaceAll(/\\(.)/g, "$1") ?? single ?? word,
  );
  const placed = /\$(?:ARGUMENTS\b|[1-9](?!\d))/;
  if (!placed.test(body)) return args === "" ? body : `${body}\n\n${args}`;
  const value = (place: string) => (place === "$ARGUMENTS" ? args : (words[Number(place.slice(1)) - 1] ?? ""));
  return body.replaceAll(new RegExp(placed, "g"), value);
}

/** What is no file of the repository, or is not for the agent, stays the word that it is. */
async function filesOf(prompt: string, { cwd, rules }: ExpandOptions): Promise<string[]> {
  const root = await checkoutOf(cwd);
  if (root === undefined) return [];
  const place = { mode: "default", root, checkout: root, home: homeFolder(process.env) } as const;
  const hidden = rules && hidingRules("Read", [], { ...place, rules });
  const folder = relative(root, await realpath(cwd));
  const source = SourceFolder.ofRepository(root);
  const files = findImports(prompt)
    .slice(0, MOST_FILES)
    .map(async (name): Promise<string[]> => {
      const path = posix.join(folder, name);
      if (name.startsWith("/") || path.startsWith("..")) return [];
      const file = await source.readStart(path, MOST_BYTES).catch(() => undefined);
      if (file === undefined || looksLikeCredential(file.path) || hidden?.hides(posix.join(root, file.path))) return [];
      const content = decodeFile(file.bytes);
      if (content.encoding === "binary") return [];
      const isCut = file.size > file.bytes.length;
      const text = isCut
        ? `${firstLines(content.text, MOST_BYTES - 1)}[cut here: the file has ${file.size} bytes]`
        : content.text;
      return [`<file path=${JSON.stringify(file.path)}>\n${text.trimEnd()}\n</file>`];
    });
  return (await Promise.all(files)).flat();
}
