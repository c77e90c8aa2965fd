import type { AssistantBlock, Model, ModelRequest, Reply, Usage } from "@bough/models";
import type { StopReason } from "./events.ts";
import { HookStop } from "./hooks/hook-stop.ts";
import type { Limits } from "./limits.ts";
import { type CallContext, type CallResults, type Denial, mayWrite, runCalls } from "./run-calls.ts";
import { stopNote } from "./stop-note.ts";
import { toolDefinitions } from "./tool-definitions.ts";
import { TurnSteps, type TurnStepsOptions } from "./turn-steps.ts";

/** What came of a turn. */
export interface Turn {
  readonly stop: StopReason;
  /** What the model said in its last reply; empty when that had no words. */
  readonly text: string;
  /** The turn's last commit. */
  readonly commit: string;
  readonly usage: Usage;
  /** How many replies the model gave. */
  readonly replies: number;
  /** The calls that were not permitted. */
  readonly denials: readonly Denial[];
  /** What went wrong, when it stopped for an error. */
  readonly error?: Error;
}

/** What a turn is run with. */
export interface TurnOptions extends Omit<TurnStepsOptions, "model">, CallContext {
  readonly model: Model;
  readonly system: string;
  readonly limits: Limits;
  /** Part of the signal: aborts when the turn has taken as long as it may. */
  readonly deadline: AbortSignal | undefined;
}

/** Runs one turn: asks the model and runs what it calls for, until it calls for nothing more. Each step is committed. */
export async function runTurn(options: TurnOptions): Promise<Turn> {
  const { model, system, tools, jobs, hooks, limits, masker, signal, emit } = options;
  let continued = 0;
  jobs.tellTo(emit);
  const steps = new TurnSteps({ ...options, model: model.name });
  const denials: Denial[] = [];
  const definitions = toolDefinitions(tools);
  const end = async (stop: StopReason, changes: CallResults["changes"] = [], error?: Error): Promise<Turn> => {
    const plain = stopNote(stop, limits, error);
    // A refusal may repeat what was sent.
    const note = plain && { ...plain, text: masker.mask(plain.text) };
    const scanned = jobs.takeMayHaveChanged() ? "scan" : changes;
    const commit = await steps.end(scanned, note);
    jobs.tellTo(undefined);
    emit({ type: "turn-end", stop, ...(note && { text: note.text }) });
    const { text, usage, replies } = steps;
    return { stop, text, commit, usage, replies, denials, ...(error === undefined ? {} : { error }) };
  };

  for (;;) {
    const request = { system, messages: await steps.messages(), tools: definitions };
    const heard = await listen(model, request, { ...options, opened: steps.opened });
    if (heard.type === "cut") {
      steps.addReply(heard.content);
      return heard.error === undefined ? end(whyAborted(options)) : end("error", [], heard.error);
    }
    const { content, usage, stop } = heard.reply;
    steps.addReply(content, usage);
    const calls = content.filter((block) => block.type === "call");
    emit({ type: "step-reply", step: steps.step, ...wordsOf(content), calls, stop, usage });
    if (stop === "length") emit({ type: "notice", text: "The reply was cut short by the model's output limit." });
    if (calls.length === 0) {
      const more = stop === "refused" ? undefined : await whatIsLeft(options, continued);
      if (more === undefined) return end(stop === "refused" ? "refused" : "done", hooks.concernEnd ? "scan" : []);
      if (steps.replies === limits.replies) return end("turn-limit", "scan");
      continued += 1;
      steps.next("scan");
      steps.addNote(masker.mask(`A hook says that it is not done: ${more}`));
      continue;
    }

    const writing = mayWrite(calls, tools) || calls.some(({ name }) => hooks.concerns(name));
    await steps.beforeCalls({ mayWrite: writing });
    const { results, changes, denials: denied, stop: stopped } = await runCalls(calls, options);
    await steps.addResults(results);
    denials.push(...denied);
    if (signal.aborted) return end(whyAborted(options), writing ? "scan" : []);
    if (stopped !== undefined) return end("error", changes, new HookStop(stopped));
    if (steps.replies === limits.replies) return end("turn-limit", changes);
    steps.addNotes(jobs.takeNews());
    steps.next(changes);
  }
}

/** How often hooks can have a turn go on. */
const MOST_CONTINUED = 5;

/** What hooks say is still to be done, if the turn is not to end yet. */
async function whatIsLeft({ hooks, signal, emit }: TurnOptions, continued: number): Promise<string | undefined> {
  try {
    const { verdict, reason, stop } = await hooks.beforeEnd({ isContinued: continued > 0 });
    if (verdict !== "deny" || stop !== undefined) return undefined;
    if (continued < MOST_CONTINUED) return reason;
    emit({ type: "notice", text: `A hook still says that it is not done, after ${continued} times: ${reason}` });
    return undefined;
  } catch (error) {
    // The answer is there; an interruption only ends the question whether more is to come.
    if (signal.aborted) return undefined;
    throw error;
  }
}

function whyAborted({ signal, deadline }: Pick<TurnOptions, "signal" | "deadline">): StopReason {
  return deadline !== undefined && signal.reason === deadline.reason ? "time-limit" : "interrupted";
}

function wordsOf(content: readonly AssistantBlock[]): { text: string; thinking: string } {
  const join = (type: "text" | "thinking") =>
    content.flatMap((block) => (block.type === type ? [block.text] : [])).join("\n\n");
  return { text: join("text"), thinking: join("thinking") };
}

type Heard =
  | { readonly type: "reply"; readonly reply: Reply }
  | { readonly type: "cut"; readonly content: readonly AssistantBlock[]; readonly error?: Error };

/** Hears the model out; of a reply that was cut short the words are kept, they were seen. */
async function listen(
  model: Model,
  request: ModelRequest,
  { signal, emit, opened }: Pick<TurnOptions, "signal" | "emit"> & Pick<TurnSteps, "opened">,
): Promise<Heard> {
  let text = "";
  const cut = (error?: Error): Heard => ({
    type: "cut",
    content: text === "" ? [] : [{ type: "text", text }],
    ...(error === undefined ? {} : { error }),
  });
  try {
    for await (const event of model.stream(request, { signal })) {
      await opened;
      if (event.type === "reply") return { type: "reply", reply: event.reply };
      if (event.type === "text-delta") text += event.text;
      emit(event);
    }
    return cut(new Error(`${model.name} ended its answer without a reply.`));
  } catch (error) {
    if (signal.aborted) return cut();
    return cut(error instanceof Error ? error : new Error(String(error)));
  }
}
