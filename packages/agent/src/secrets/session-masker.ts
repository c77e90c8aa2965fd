import type { Session } from "@bough/gitstate";
import type { Masker } from "./masker.ts";
import { openMasker } from "./open-masker.ts";

/** Looks for the secrets that the work on a session could meet; there may be others when the next turn begins. */
export function sessionMasker(
  { repository, worktree }: Session,
  { apiKey }: { readonly apiKey?: string },
): Promise<Masker> {
  return openMasker({ environment: process.env, apiKey, folders: [repository.root, worktree] });
}
