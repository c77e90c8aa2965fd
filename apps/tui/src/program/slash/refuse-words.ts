import { UsageError } from "../../exit-code.ts";
import type { SlashCall } from "./command.ts";

/** Throws when something follows a command that takes nothing. */
export function refuseWords({ words, command }: Pick<SlashCall, "words" | "command">): void {
  if (words.length > 0) throw new UsageError(`/${command.name} takes nothing.`);
}
