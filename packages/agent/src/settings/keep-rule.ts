import { randomBytes } from "node:crypto";
import { mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { digestOf } from "../trust/file-digest.ts";
import { TrustStore } from "../trust/trust-store.ts";
import { checkoutOf, localSettings, trustFile } from "./places.ts";
import { readSmallFile } from "./read-file.ts";
import { SettingsError } from "./settings-error.ts";
import { widening } from "./widening.ts";

/**
 * Adds an allow rule to the local settings of the repository that a folder is in, where git does not see it; the file is
 * trusted as it is then. Refuses when the file holds something that the user did not trust.
 */
export async function keepRule(
  rule: string,
  { cwd, env = process.env }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  const root = await checkoutOf(cwd);
  if (root === undefined) throw new SettingsError(`${cwd} is in no repository, so the rule cannot be kept.`);
  const store = new TrustStore({ file: trustFile(env), root });
  const path = join(root, localSettings);
  const bytes = await readSmallFile(path);
  if (bytes !== undefined) await refuseUntrusted(bytes, root, store);
  const changed = Buffer.from(await withRule(bytes?.toString() ?? "{}\n", rule));
  await ownFolder(root);
  const digest = await digestOf(changed, { root, hasHooks: (await wantsOf(changed)).includes("hooks") });
  // First, so that nothing is lost between the two: a digest that no file has trusts nothing.
  await store.trust({ [localSettings]: digest });
  await replace(path, changed, bytes === undefined ? 0o600 : (await stat(path)).mode);
}

async function refuseUntrusted(bytes: Buffer, root: string, store: TrustStore): Promise<void> {
  const wants = await wantsOf(bytes);
  const digest = await digestOf(bytes, { root, hasHooks: wants.includes("hooks") });
  if (wants.length === 0 || (await store.digests()).get(localSettings) === digest) return;
  throw new SettingsError(
    `The rule is not kept: ${localSettings} holds what you did not trust (${wants.join(", ")}). ` +
      "Look at it, and trust it with --trust.",
  );
}

async function wantsOf(bytes: Buffer): Promise<readonly string[]> {
  const { parseSettings } = await import("./parse-settings.ts");
  return widening(parseSettings(bytes.toString(), { name: localSettings }).settings);
}

/** All that stands in the file stays as it is written. */
async function withRule(text: string, rule: string): Promise<string> {
  const { applyEdits, modify, parse } = await import("jsonc-parser");
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const json = text.slice(mark.length);
  const allow: unknown = parse(json)?.permissions?.allow;
  if (Array.isArray(allow) && allow.includes(rule)) return text;
  const eol = json.includes("\r\n") ? "\r\n" : "\n";
  const [indent = "  "] = /(?<=\n)[ \t]+(?=")/.exec(json) ?? [];
  const formattingOptions = { insertSpaces: !indent.startsWith("\t"), tabSize: indent.length, eol };
  const edits = Array.isArray(allow)
    ? modify(json, ["permissions", "allow", allow.length], rule, { formattingOptions, isArrayInsertion: true })
    : modify(json, ["permissions", "allow"], [rule], { formattingOptions });
  return mark + applyEdits(json, edits);
}

/** Makes `.bough`, with what keeps the local settings out of commits; refuses a link, which could lead anywhere. */
async function ownFolder(root: string): Promise<void> {
  const folder = dirname(join(root, localSettings));
  await mkdir(folder, { recursive: true });
  if ((await realpath(folder)) !== folder) throw new SettingsError(`${folder} is a link, so no rule is kept there.`);
  await writeFile(join(folder, ".gitignore"), ".gitignore\nsettings.local.json\n", { flag: "wx" }).catch(() => {
    // It has one of the user's own.
  });
}

async function replace(path: string, content: Buffer, mode: number): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(draft, content, { mode: mode & 0o777, flag: "wx" });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
