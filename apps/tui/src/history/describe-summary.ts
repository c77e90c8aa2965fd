import type { Block } from "@bough/gitstate";

/** Names a summary by the steps that it stands for; one without words lets go of all that was said before it. */
export function describeSummary({ text, extra }: Pick<Block, "text" | "extra">): string {
  if (text.trim() === "") return "The conversation begins anew";
  const { from, to } = extra ?? {};
  if (typeof from !== "number" || typeof to !== "number") return "Summary";
  return from === to ? `Summary of step ${from}` : `Summary of steps ${from}–${to}`;
}
