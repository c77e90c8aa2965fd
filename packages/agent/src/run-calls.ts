import type { Extra } from "@bough/gitstate";
import type { CallBlock, ResultBlock } from "@bough/models";
import type { ShellSession, WorktreeFiles } from "@bough/sandbox";
import { boundedResult } from "./bounded-result.ts";
import type { Past } from "./context/past.ts";
import type { RecordedBeside } from "./conversation.ts";
import type { Happening } from "./events.ts";
import type { HookAnswer } from "./hooks/hook-answer.ts";
import type { TurnHooks } from "./hooks/turn-hooks.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { Ask } from "./permissions/modes.ts";
import type { Opinion, Permissions } from "./permissions/permissions.ts";
import { MaskStream } from "./secrets/mask-stream.ts";
import type { Masker } from "./secrets/masker.ts";
import type { Skill } from "./skills/load-skills.ts";
import type { SubAgentsOfCall } from "./sub-agents/sub-agents.ts";
import type { Tool, ToolOutput } from "./tool.ts";

/** What running calls takes. */
export interface CallContext {
  readonly tools: readonly Tool[];
  readonly files: WorktreeFiles;
  readonly shell: ShellSession;
  readonly jobs: Jobs;
  readonly past: Past;
  readonly permissions: Permissions;
  readonly skills?: readonly Skill[];
  readonly hooks: TurnHooks;
  readonly ask: Ask | undefined;
  readonly subAgents?: SubAgentsOfCall | undefined;
  /** Takes secrets out of what tools answer and print. */
  readonly masker: Masker;
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
  /** Where to look for what they changed: everywhere, or at these paths. */
  readonly changes: "scan" | readonly string[];
  readonly denials: readonly Denial[];
  /** What is kept beside the results. */
  readonly beside: RecordedBeside;
  /** Who ends the turn after them, and why. */
  readonly stop?: string;
}

interface Outcome {
  readonly result: ResultBlock;
  readonly stop?: string;
  readonly changes?: CallResults["changes"];
  readonly denial?: Denial;
  readonly recorded?: Extra | undefined;
}

/** The text that answers a call which was cut short. */
const INTERRUPTED = "interrupted";

/** Runs the calls of one reply: those that only read at the same time as their neighbours that do, the others in turn. */
export async function runCalls(calls: readonly CallBlock[], context: CallContext): Promise<CallResults> {
  const outcomes: Outcome[] = [];
  for (const group of groupReads(calls, context.tools)) {
    outcomes.push(...(await Promise.all(group.map((call) => runCall(call, context)))));
  }
  return {
    results: outcomes.map(({ result }) => result),
    beside: new Map(
      outcomes.flatMap(({ result, recorded }) => (recorded === undefined ? [] : [[result.id, recorded]])),
    ),
    // Nobody knows what a job writes, nor when.
    changes:
      context.jobs.takeMayHaveChanged() || outcomes.some(({ changes }) => changes === "scan")
        ? "scan"
        : outcomes.flatMap(({ changes }) => changes ?? []),
    denials: outcomes.flatMap(({ denial }) => denial ?? []),
    stop: outcomes.find(({ stop }) => stop !== undefined)?.stop,
  };
}

/** Puts together what came of calls that were run apart from each other. */
export function joinResults(all: readonly CallResults[]): CallResults {
  return {
    results: all.flatMap(({ results }) => results),
    beside: new Map(all.flatMap(({ beside }) => [...beside])),
    changes: all.some(({ changes }) => changes === "scan") ? "scan" : all.flatMap(({ changes }) => changes),
    denials: all.flatMap(({ denials }) => denials),
    stop: all.find(({ stop }) => stop !== undefined)?.stop,
  };
}

/** Whether a call works on commits, so that what was called beside it is to be committed first. */
export function runsApart({ name }: CallBlock, tools: readonly Tool[]): boolean {
  return findTool(tools, name)?.runsApart === true;
}

/** Whether one of the calls may change a file. */
export function mayWrite(calls: readonly CallBlock[], tools: readonly Tool[]): boolean {
  return calls.some(({ name }) => (findTool(tools, name)?.effect ?? "read") !== "read");
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

function findTool(tools: readonly Tool[], name: string): Tool | undefined {
  return tools.find((tool) => tool.name === name);
}

async function runCall(call: CallBlock, context: CallContext): Promise<Outcome> {
  const { id, name, input } = call;
  context.emit({ type: "tool-start", id, name, input });
  const outcome = await answer(call, context);
  const { text, isError = false } = outcome.result;
  context.emit({ type: "tool-end", id, name, text, isError, isDenied: outcome.denial !== undefined });
  return outcome;
}

/** The one place where what went wrong becomes something the model can act on. */
async function answer(call: CallBlock, context: CallContext): Promise<Outcome> {
  const { id, name } = call;
  const { files, shell, jobs, past, masker, signal, emit } = context;
  const result = (text: string, isError?: boolean): ResultBlock => ({
    type: "result",
    id,
    name,
    text: boundedResult(masker.mask(text)) || "(no output)",
    isError,
  });
  let changes: Outcome["changes"];
  try {
    signal.throwIfAborted();
    const tool = demandTool(name, context.tools);
    await readInput(tool, call);
    if (context.hooks.concerns(name)) changes = "scan";
    const before = await context.hooks.beforeCall(call);
    const raw = before.input === undefined ? call.input : { ...before.input };
    const denied = (reason: string): Outcome => ({
      result: result([describeDenial(name, reason), ...before.context].join("\n\n"), true),
      denial: { id, tool: name, input: call.input },
      changes,
      stop: before.stop && sayStopped(before.stop),
    });
    if (before.verdict === "deny" || before.stop !== undefined) return denied(before.reason || (before.stop ?? ""));
    const input = await readInput(tool, { ...call, input: raw });
    const permission = await context.permissions.permit(tool, raw, { ...context, opinion: opinionOf(before) });
    if (!permission.allow) return denied(permission.reason);
    // Also when it fails: what it did until then is nowhere else to be learnt.
    if (tool.effect === "execute") changes = "scan";
    const printed = new MaskStream(masker);
    const print = (text: string) => {
      if (text !== "") emit({ type: "tool-output", id, text });
    };
    const output = await tool.execute(input, {
      files,
      shell,
      jobs,
      ask: context.ask,
      skills: context.skills,
      past,
      hasNetwork: context.permissions.hasNetwork,
      subAgents: context.subAgents,
      ...(await context.permissions.readable(tool, raw, files)),
      signal,
      onOutput: (text) => print(printed.push(text)),
    });
    print(printed.end());
    const after = await context.hooks.afterCall({ ...call, input: raw }, output);
    const changed = before.input === undefined ? [] : [`A hook changed the input to ${JSON.stringify(raw)}`];
    const said = [...changed, ...before.context, ...after.context].map((each) => `[${each}]`);
    return {
      result: { ...result([output.text, ...said].join("\n\n"), output.isError), ...pictureOf(output) },
      changes: changes ?? output.changed,
      recorded: output.recorded,
      stop: output.stop ?? (after.stop && sayStopped(after.stop)),
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { result: result(signal.aborted ? INTERRUPTED : text, true), changes };
  }
}

function sayStopped(reason: string): string {
  return `A hook ended the turn: ${reason}`;
}

function pictureOf({ image }: ToolOutput): Pick<ResultBlock, "image"> {
  if (image === undefined) return {};
  return { image: { mediaType: image.mediaType, data: Buffer.from(image.bytes).toString("base64") } };
}

function opinionOf({ verdict, reason }: HookAnswer): Opinion | undefined {
  if (verdict === undefined || verdict === "deny") return undefined;
  return { verdict, why: reason === "" ? "a hook says to ask" : reason };
}

function demandTool(name: string, tools: readonly Tool[]): Tool {
  const tool = findTool(tools, name);
  if (tool !== undefined) return tool;
  const known = tools.length === 0 ? "You have none." : `Tools: ${tools.map((each) => each.name).join(", ")}.`;
  throw new Error(`There is no tool named ${name}. ${known}`);
}

async function readInput(tool: Tool, { name, input, malformed }: CallBlock): Promise<unknown> {
  if (malformed !== undefined)
    throw new Error(`The input of ${name} was not a JSON object, but this:\n${malformed.slice(0, 2000)}`);
  const parsed = await tool.input.safeParseAsync(input);
  if (parsed.success) return parsed.data;
  throw new Error(`The input of ${name} is not right:\n${describeIssues(parsed.error.issues)}`);
}

function describeDenial(name: string, reason: string): string {
  const why = reason === "" ? "" : ` (${reason})`;
  return `Denied: ${name} needs a permission that was not given${why}. Go on without it, or say what is needed and stop.`;
}

function describeIssues(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  return issues.map(({ path, message }) => `- ${path.map(String).join(".") || "input"}: ${message}`).join("\n");
}
