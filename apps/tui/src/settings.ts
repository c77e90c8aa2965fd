import { resolve } from "node:path";
import { type Ask, loadSettings, parseRule, type Rule, type Settings, type UntrustedFile } from "@bough/agent";
import type { PrintCommand } from "./command-line/parse.ts";
import type { Streams } from "./streams.ts";
import { escapeForTerminal } from "./terminal-text.ts";

type SettingsFlags = Pick<PrintCommand, "cwd" | "trust"> &
  Partial<Pick<PrintCommand, "config" | "permissionMode" | "allowedTools" | "disallowedTools">>;

/**
 * Reads the settings for a command, whose flags have the last word; says on standard error what of them is not used. Who is
 * there to ask is asked for the trust that the repository's files need.
 */
export async function settingsFor(command: SettingsFlags, { stderr }: Streams, askForTrust?: Ask): Promise<Settings> {
  const { cwd, config, trust, permissionMode, allowedTools, disallowedTools } = command;
  const file = config === undefined ? undefined : resolve(config);
  const { settings, warnings, untrusted } = await loadSettings({ cwd: resolve(cwd), file, trust, ask: askForTrust });
  const lines = untrusted.length === 0 ? warnings : [...warnings, describeUntrusted(untrusted)];
  for (const line of lines) stderr.write(`${escapeForTerminal(line)}\n`);
  const { allow, ask, deny } = settings.rules;
  return {
    ...settings,
    permissionMode: permissionMode ?? settings.permissionMode,
    rules: { allow: [...allow, ...rulesOf(allowedTools)], ask, deny: [...deny, ...rulesOf(disallowedTools)] },
  };
}

function describeUntrusted(files: readonly UntrustedFile[]): string {
  const listed = files.map(
    ({ path, wants, isChanged }) =>
      `${wants.join(", ")} of ${path}${isChanged ? " (changed since you trusted it)" : ""}`,
  );
  return `not used, because you have not trusted it: ${listed.join("; ")}. Look at it, then run with --trust`;
}

function rulesOf(texts: readonly string[] = []): Rule[] {
  return texts.flatMap((text) => parseRule(text) ?? []);
}
