import type { Block, NewStep } from "@bough/gitstate";

/** A step that reads, runs or searches, with a result of so many lines. */
export function longStep(step: number, { tool = "Read", lines = 100, isError = false } = {}): NewStep {
  const id = `call-${step}`;
  const input = tool === "Bash" ? { command: `cat file-${step}.ts` } : { file_path: `file-${step}.ts` };
  const text = Array.from({ length: lines }, (_, at) => `line ${at + 1} of step ${step}: const value = compute();`);
  const failed = isError ? { extra: { error: true } } : {};
  const blocks: Block[] = [
    { type: "assistant", text: `I look at file ${step}.` },
    { type: "call", name: tool, id, text: JSON.stringify(input) },
    { type: "result", name: tool, id, text: text.join("\n"), ...failed },
  ];
  return { step, turn: 1, blocks };
}

/** The same, asked for by the user. */
export function prompted(step: number, prompt: string, options?: Parameters<typeof longStep>[1]): NewStep {
  const { blocks, ...rest } = longStep(step, options);
  return { ...rest, blocks: [{ type: "user", text: prompt }, ...blocks] };
}
