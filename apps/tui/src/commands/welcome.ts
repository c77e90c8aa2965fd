import { chooseModel, modelVariables } from "@bough/models";
import { help } from "../command-line/help.ts";
import { type ExitCode, exitCode, UsageError } from "../exit-code.ts";
import type { Streams } from "../streams.ts";

/** Bare `bough`: says to a person what there is to do, and what is missing for it. */
export function welcome({ stdin, stdout }: Streams, env: NodeJS.ProcessEnv = process.env): ExitCode {
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new UsageError('There is no terminal here. Give a prompt: bough -p "<prompt>"');
  }
  stdout.write(`${help(undefined)}\n${nextStep(env)}\n`);
  return exitCode.done;
}

function nextStep(env: NodeJS.ProcessEnv): string {
  const chosen = chooseModel({ env });
  if (chosen !== undefined) {
    return `The model is ${chosen.name} (from ${chosen.reason}). New here? \`bough tour\` shows what it does, without it.`;
  }
  return `No model: looked for ${modelVariables().join(", ")}.\n\`bough tour\` shows what it does, without key or network.`;
}
