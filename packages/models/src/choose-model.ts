import { type Environment, firstSet, providers } from "./providers.ts";

/** The model to use, and what made it the one. */
export interface ChosenModel {
  readonly name: string;
  /** Completes the sentence "… because of": `--model`, `BOUGH_MODEL`, `the settings` or `ANTHROPIC_API_KEY`. */
  readonly reason: string;
}

const variable = "BOUGH_MODEL";

// A provider that shares its key variable with an earlier one, or has no default id, is only ever named.
const automatic = providers.filter(({ name, defaultModel }) => defaultModel && name !== "openai-compatible");

/**
 * Chooses the model: the flag's, else `BOUGH_MODEL`'s, else the settings', else the default of the first provider
 * whose key is set. Returns `undefined` when none of these is there.
 */
export function chooseModel(sources: { flag?: string; env: Environment; settings?: string }): ChosenModel | undefined {
  if (sources.flag) return { name: sources.flag, reason: "--model" };
  const named = firstSet([variable], sources.env);
  if (named) return { name: named.value, reason: variable };
  if (sources.settings) return { name: sources.settings, reason: "the settings" };
  for (const provider of automatic) {
    const key = firstSet(provider.keys, sources.env);
    if (key) return { name: `${provider.name}/${provider.defaultModel}`, reason: key.variable };
  }
  return undefined;
}

/** Names the variables in which {@link chooseModel} looks, in its order, for the message that it found nothing. */
export function modelVariables(): readonly string[] {
  return [variable, ...automatic.flatMap((provider) => provider.keys)];
}
