import { createHash } from "node:crypto";
import { readdir, readlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { scriptFolders } from "../hooks/script-folders.ts";
import { readSmallFile } from "../settings/read-file.ts";
import { SettingsError } from "../settings/settings-error.ts";

const MOST_SCRIPTS = 500;

/** Digests a file of settings; one with hooks together with the scripts that hooks usually are. */
export async function digestOf(
  bytes: Uint8Array,
  { root, hasHooks }: { readonly root: string; readonly hasHooks: boolean },
): Promise<string> {
  const hash = createHash("sha256").update(bytes);
  if (hasHooks) for (const folder of scriptFolders) hash.update(JSON.stringify(await scripts(root, folder)));
  return `sha256:${hash.digest("hex")}`;
}

async function scripts(root: string, folder: string): Promise<string[][]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  if (entries.length > MOST_SCRIPTS) throw new SettingsError(`${folder} holds more than ${MOST_SCRIPTS} files.`);
  const digests = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const target = entry.isSymbolicLink() ? await readlink(path) : "";
    const content = entry.isFile() ? await readSmallFile(path) : undefined;
    const digest = createHash("sha256")
      .update(content ?? "")
      .digest("hex");
    return [relative(root, path), target, digest];
  });
  return (await Promise.all(digests)).sort(([one = ""], [other = ""]) => (one < other ? -1 : 1));
}
