import type { Identity } from "@bough/gitstate";

/** Who the commits of a model's steps are by. */
export function authoredBy(model: string | undefined): Identity {
  return { name: model === undefined ? "bough" : `${model} (bough)`, email: "bough@localhost" };
}
