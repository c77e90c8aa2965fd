import type { KnownModel, ModelPrice } from "./known-model.ts";

/** How much fits into a model, in tokens. */
export type ModelLimits = Pick<KnownModel, "context" | "output">;

/** Resolves to how much fits into a model, `<provider>/<id>`, or to undefined when that is not known. */
export async function modelLimits(name: string): Promise<ModelLimits | undefined> {
  const model = await knownModel(name);
  return model && { context: model.context, output: model.output };
}

/** Resolves to what a model, `<provider>/<id>`, costs, or to undefined when that is not known. */
export async function modelPrice(name: string): Promise<ModelPrice | undefined> {
  return (await knownModel(name))?.price;
}

/** Resolves to the names of all models that something is known of. */
export async function knownModelNames(): Promise<readonly string[]> {
  const { knownModels } = await import("./known-models.ts");
  return Object.entries(knownModels).flatMap(([provider, models]) =>
    Object.keys(models).map((id) => `${provider}/${id}`),
  );
}

async function knownModel(name: string): Promise<KnownModel | undefined> {
  // Most of it is about models that nobody asks for; start-up does without.
  const { knownModels } = await import("./known-models.ts");
  const slash = name.indexOf("/");
  const models = own(knownModels, name.slice(0, slash)) ?? {};
  const id = name.slice(slash + 1);
  return own(models, id) ?? own(models, withoutDate(id));
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A model of a certain day costs what its name without the day does, as far as the table knows. */
function withoutDate(id: string): string {
  return id.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, "");
}
