import type { Session } from "@bough/gitstate";
import type { AgentOptions } from "../agent-options.ts";
import type { Masker } from "./masker.ts";
import { openMasker } from "./open-masker.ts";

/** Looks for the secrets that the work on a session could meet; there may be others when the next turn begins. */
export function sessionMasker(
  { repository, worktree }: Session,
  { apiKey, env: variables }: Pick<AgentOptions, "apiKey" | "env">,
): Promise<Masker> {
  return openMasker({ environment: process.env, variables, apiKey, folders: [repository.root, worktree] });
}
