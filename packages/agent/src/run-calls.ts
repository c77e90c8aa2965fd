import type { CallBlock, ResultBlock } from "@bough/models";
import type { WorktreeFiles } from "@bough/sandbox";
import type { Happening } from "./events.ts";
import { type Ask, type PermissionMode, permit } from "./permission.ts";
import type { Tool } from "./tool.ts";

/** What running calls takes. */
export interface CallContext {
  readonly tools: readonly Tool[];
  readonly files: WorktreeFiles;
  readonly permissionMode: PermissionMode;
  readonly ask: Ask | undefined;
  readonly signal: AbortSignal;
  emit(happening: Happening): void;
}

/** A call that was not permitted. */
export interface Denial {
  readonly id: string;
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

/** What came of the calls of one reply. */
export interface CallResults {
  /** One for each call, in the order asked. */
  readonly results: readonly ResultBlock[];
  readonly changed: readonly string[];
  readonly denials: readonly Denial[];
}

interface Outcome {
  readonly result: ResultBlock;
  readonly changed?: readonly string[];
  readonly denial?: Denial;
}

/** The text that answers a call which was cut short. */
export const INTERRUPTED = "interrupted";

/** Runs the calls of one reply: those that only read at the same time as their neighbours that do, the others in turn. */
export async function runCalls(calls: readonly CallBlock[], context: CallContext): Promise<CallResults> {
  const outcomes: Outcome[] = [];
  for (const group of groupReads(calls, context.tools)) {
    outcomes.push(...(await Promise.all(group.map((call) => runCall(call, context)))));
  }
  return {
    results: outcomes.map(({ result }) => result),
    changed: outcomes.flatMap(({ changed }) => changed ?? []),
    denials: outcomes.flatMap(({ denial }) => denial ?? []),
  };
}

function groupReads(calls: readonly CallBlock[], tools: readonly Tool[]): CallBlock[][] {
  const reads = ({ name }: CallBlock) => findTool(tools, name)?.effect === "read";
  const groups: CallBlock[][] = [];
  for (const call of calls) {
    const last = groups.at(-1);
    if (last?.every(reads) && reads(call)) last.push(call);
    else groups.push([call]);
  }
  return groups;
}

/** Finds the tool that a model means by a name. */
export function findTool(tools: readonly Tool[], name: string): Tool | undefined {
  return tools.find((tool) => tool.name === name);
}

async function runCall(call: CallBlock, context: CallContext): Promise<Outcome> {
  const { id, name, input } = call;
  context.emit({ type: "tool-start", id, name, input });
  const outcome = await answer(call, context);
  const { text, isError = false } = outcome.result;
  context.emit({ type: "tool-end", id, name, text, isError });
  return outcome;
}

/** The one place where what went wrong becomes something the model can act on. */
async function answer(call: CallBlock, context: CallContext): Promise<Outcome> {
  const { id, name } = call;
  const failed = (text: string): Outcome => ({ result: { type: "result", id, name, text, isError: true } });
  if (context.signal.aborted) return failed(INTERRUPTED);
  const tool = findTool(context.tools, name);
  if (tool === undefined) return failed(`There is no tool named ${name}. Tools: ${context.tools.map((known) => known.name).join(", ")}.`);
  if (call.malformed !== undefined) return failed(`The input of ${name} was not a JSON object. Send the call again.`);
  const parsed = tool.input.safeParse(call.input);
  if (!parsed.success) return failed(`The input of ${name} is not right:\n${describeIssues(parsed.error.issues)}`);
  try {
    const permission = await permit(tool, call.input, { mode: context.permissionMode, ask: context.ask, signal: context.signal });
    if (!permission.allow) {
      const reason = permission.reason === undefined ? "" : ` (${permission.reason})`;
      const text = `Denied: ${name} needs a permission that was not given${reason}. Go on without it, or say what is needed and stop.`;
      return { ...failed(text), denial: { id, tool: name, input: call.input } };
    }
    const output = await tool.execute(parsed.data, {
      files: context.files,
      signal: context.signal,
      onOutput: (text) => context.emit({ type: "tool-output", id, text }),
    });
    const { text, isError, changed } = output;
    return { result: { type: "result", id, name, text: text || "(no output)", isError }, changed };
  } catch (error) {
    if (context.signal.aborted) return failed(INTERRUPTED);
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function describeIssues(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => `- ${path.map(String).join(".") || "input"}: ${message}`).join("\n");
}
