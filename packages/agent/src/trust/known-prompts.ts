import { createHash } from "node:crypto";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promptFolder } from "../settings/places.ts";

/** The day stands in the built-in prompt, and says nothing that could be trusted or not. */
const DAY = /^The day this conversation began: \d{4}-\d\d-\d\d\.$/m;

function fileOf(system: string, env: NodeJS.ProcessEnv): string {
  return join(promptFolder(env), createHash("sha256").update(system.replace(DAY, "")).digest("hex"));
}

/** Whether two system prompts differ in no more than the day. */
export function isSamePrompt(a: string, b: string): boolean {
  return a.replace(DAY, "") === b.replace(DAY, "");
}

/** Keeps that a system prompt was used on this machine, by its digest. */
export async function rememberPrompt(system: string, env = process.env): Promise<void> {
  await mkdir(promptFolder(env), { recursive: true, mode: 0o700 });
  await writeFile(fileOf(system, env), "", { flag: "a", mode: 0o600 });
}

/** Whether a system prompt was used on this machine before; a branch from elsewhere may bring one that says anything. */
export async function isKnownPrompt(system: string, env = process.env): Promise<boolean> {
  return access(fileOf(system, env)).then(
    () => true,
    () => false,
  );
}
