import {
  chooseModel,
  type Environment,
  type Model,
  ModelError,
  modelVariables,
  openModel,
  providers,
} from "@bough/models";
import { blocked, type Check, ready } from "./check.ts";

/** What the command line says of the model. */
export interface ModelChoice {
  readonly model: string | undefined;
  readonly baseUrl: string | undefined;
}

/** Which model answers, and where its key is from; the key itself is never said. */
export function findModel({ model, baseUrl }: ModelChoice, env: Environment): { check: Check; model?: Model } {
  const chosen = chooseModel({ flag: model, env });
  if (chosen === undefined) {
    const looked = modelVariables().join(", ");
    return {
      check: blocked("model", `None: looked for --model and for ${looked}. Set one: export ANTHROPIC_API_KEY=…`),
    };
  }
  try {
    const opened = openModel(chosen.name, { env, baseUrl, retries: 0 });
    const from = `${chosen.name} (from ${chosen.reason})`;
    return { check: ready("model", `${from}, ${keyFound(chosen.name, env)}`), model: opened };
  } catch (error) {
    if (error instanceof ModelError) return { check: blocked("model", error.message) };
    throw error;
  }
}

function keyFound(name: string, env: Environment): string {
  const provider = providers.find((candidate) => name.startsWith(`${candidate.name}/`));
  const variable = provider?.keys.find((key) => env[key]?.trim());
  return variable === undefined ? "which needs no key" : `key in ${variable}`;
}

const PATIENCE = 30_000;

/** Sends a model one small request and says what came back. */
export async function checkAnswer(model: Model, patience: number = PATIENCE): Promise<Check> {
  const messages = [{ role: "user", content: [{ type: "text", text: "Answer with the one word: ready" }] }] as const;
  const signal = AbortSignal.timeout(patience);
  const started = performance.now();
  try {
    for await (const event of model.stream({ system: "Answer in one word.", messages, tools: [] }, { signal })) {
      if (event.type !== "reply") continue;
      const took = `after ${Math.round(performance.now() - started)} ms`;
      const { input, output } = event.reply.usage;
      return event.reply.stop === "refused"
        ? blocked("answer", `${model.name} refused to answer ${took}. Choose another model with --model`)
        : ready("answer", `${model.name} answered ${took} (${input} tokens in, ${output} out)`);
    }
  } catch (error) {
    if (error instanceof ModelError) return blocked("answer", error.message);
    if (!signal.aborted) throw error;
  }
  return blocked(
    "answer",
    `${model.name} did not answer within ${patience / 1000} s. Check the network and --base-url, or try another model`,
  );
}
