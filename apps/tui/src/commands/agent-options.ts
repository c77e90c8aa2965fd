import { resolve } from "node:path";
import { type AgentOptions, keepRule, type Settings } from "@bough/agent";
import { type ChosenModel, chooseModel, modelVariables } from "@bough/models";
import type { OpenCommand } from "../command-line/parse.ts";
import { UsageError } from "../exit-code.ts";

/** What the command line says of an agent. */
export type AgentFlags = Omit<OpenCommand, "command" | "prompt" | "start" | "model">;

/** How an agent works, as flags and settings say. */
export function agentOptions(
  command: AgentFlags,
  { permissionMode, rules, context, env, hooks }: Settings,
): AgentOptions {
  const { baseUrl, tools, system, appendSystem, maxTurns, maxCost, maxTime } = command;
  const cwd = resolve(command.cwd);
  return {
    cwd,
    baseUrl,
    tools,
    system,
    appendSystem,
    permissionMode,
    rules,
    context,
    env,
    hooks,
    keepRule: (rule) => keepRule(rule, { cwd }),
    limits: { replies: maxTurns, cost: maxCost, seconds: maxTime },
  };
}

/** Chooses the model that new sessions run on; one that is gone on with has its own, and needs no other. */
export function modelForNew(
  { model, start }: Pick<OpenCommand, "model" | "start">,
  settings: Pick<Settings, "model">,
): ChosenModel | undefined {
  const chosen = chooseModel({ flag: model, env: process.env, settings: settings.model });
  if (chosen === undefined && start.from === "checkout") throw noModel();
  return chosen;
}

/** Says what was looked for, and what to do. */
export function noModel(): UsageError {
  return new UsageError(
    `No model: looked for --model and for ${modelVariables().join(", ")} (in the environment; .env files are not read).\n` +
      "Set one of them, or see bough at work without any: bough tour",
  );
}
