import { createHash } from "node:crypto";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promptFolder } from "../settings/places.ts";

/** The day stands in the built-in prompt, and says nothing that could be trusted or not. */
const DAY = /^The day this conversation began: \d{4}-\d\d-\d\d\.$/m;

function fileOf(prompt: string, env: NodeJS.ProcessEnv): string {
  return join(promptFolder(env), createHash("sha256").update(prompt.replace(DAY, "")).digest("hex"));
}

/** Whether two system prompts differ in no more than the day. */
export function isSamePrompt(a: string, b: string): boolean {
  return a.replace(DAY, "") === b.replace(DAY, "");
}

/** Keeps that parts of a system prompt were used on this machine, by their digests. */
export async function rememberPrompts(parts: readonly string[], env = process.env): Promise<void> {
  await mkdir(promptFolder(env), { recursive: true, mode: 0o700 });
  const files = parts.filter((part) => part !== "").map((part) => fileOf(part, env));
  await Promise.all(files.map((file) => writeFile(file, "", { flag: "a", mode: 0o600 })));
}

/** Whether a part of a system prompt was used on this machine before; a branch from elsewhere may bring any. */
export async function isKnownPrompt(part: string, env = process.env): Promise<boolean> {
  return access(fileOf(part, env)).then(
    () => true,
    () => false,
  );
}
