import {
  type AssistantBlock,
  costOf,
  type Message,
  type Model,
  type ModelPrice,
  type ModelRequest,
  type Reply,
  type Usage,
} from "@bough/models";
import type { Budget, LimitReached } from "./budget.ts";
import { metered } from "./context/metered.ts";
import { tokensOfText } from "./context/token-estimate.ts";
import { TurnRoom } from "./context/turn-room.ts";
import type { StopReason } from "./events.ts";
import { Forecast } from "./forecast.ts";
import { LoopDetector } from "./loop-detector.ts";
import type { CallResults, Denial } from "./run-calls.ts";
import { type ReplyContext, runReply } from "./run-reply.ts";
import type { Masker } from "./secrets/masker.ts";
import type { Steering } from "./steering.ts";
import { type EarlyStop, type StopNote, stopNote } from "./stop-note.ts";
import type { Tool } from "./tool.ts";
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
  /** US dollars that it took, with all agents below; undefined when not all of it is known. */
  readonly cost: number | undefined;
  /** How many replies the model gave. */
  readonly replies: number;
  /** The calls that were not permitted. */
  readonly denials: readonly Denial[];
  /** Why it ended early, in words. */
  readonly why?: string;
  /** What went wrong, when it stopped for an error. */
  readonly error?: Error;
  /** What was sent to it and did not reach the model any more, in order. */
  readonly undelivered: readonly string[];
}

/** What a turn is run with. */
export interface TurnOptions extends Omit<TurnStepsOptions, "model" | "fixed">, Omit<ReplyContext, "tools" | "shell"> {
  readonly model: Model;
  readonly system: string;
  /** What the next step is made with; a plan that is accepted changes it within the turn. */
  forStep(): Pick<ReplyContext, "tools" | "shell"> & { readonly offered: readonly Tool[] };
  /** Its deadline is part of the signal. */
  readonly budget: Budget;
  /** What the model costs, where that is known. */
  readonly price: ModelPrice | undefined;
  /** What the user says meanwhile. */
  readonly steering: Steering;
}

/** Runs one turn: asks the model and runs what it calls for, until it calls for nothing more. Each step is committed. */
export async function runTurn(options: TurnOptions): Promise<Turn> {
  const { model, jobs, hooks, budget, price, steering, masker, signal, emit } = options;
  let continued = 0;
  jobs.tellTo(emit);
  const beside = besideMessages(options.forStep().offered, options);
  const steps = new TurnSteps({ ...options, model: model.name, fixed: tokensOfText(JSON.stringify(beside)) });
  const room = new TurnRoom({ steps, model: metered(model, { budget, price }), price, beside, signal, emit });
  const denials: Denial[] = [];
  const loops = new LoopDetector();
  const forecast = budget.isLimited("tokens") || budget.isLimited("cost") ? new Forecast(price) : undefined;
  const end = async (early?: EarlyStop, changes: CallResults["changes"] = []): Promise<Turn> => {
    const stop = early?.stop ?? "done";
    const undelivered = steering.close();
    const scanned = jobs.takeMayHaveChanged() ? "scan" : changes;
    // A refusal may repeat what was sent.
    const note = early && masked(stopNote(early), masker);
    const commit = await steps.end(scanned, note);
    jobs.tellTo(undefined);
    emit({ type: "turn-end", stop, ...(note && { text: note.text }) });
    const { text, usage, replies } = steps;
    const cost = price === undefined ? undefined : budget.spent.cost;
    return { stop, text, commit, usage, cost, replies, denials, why: note?.text, error: early?.error, undelivered };
  };
  const deliver = () => {
    for (const { text, told } of steering.take()) {
      loops.reset();
      const message = { text: masker.mask(text), told: told.map((each) => masker.mask(each)) };
      steps.addMessage(message);
      emit({ type: "user-message", text: message.text });
    }
  };

  const hear = async (messages: readonly Message[], tools: readonly Tool[]): Promise<Answer> => {
    const request = { ...besideMessages(tools, options), messages };
    const expected = forecast?.of(request);
    const reached = signal.aborted ? undefined : budget.check(expected);
    if (reached !== undefined) return { type: "over", reached };
    const opened = budget.open(expected);
    const heard = await listen(model, request, { ...options, opened: steps.opened });
    if (heard.type === "cut") {
      opened.settle();
      return heard;
    }
    const { usage } = heard.reply;
    const cost = price && costOf(usage, price);
    opened.settle({ usage, cost });
    forecast?.learn(request, usage);
    return { ...heard, cost };
  };

  for (;;) {
    const { tools, offered, shell } = options.forStep();
    const heard = await room.ask((messages) => hear(messages, offered));
    if (heard.type === "over") return end({ stop: heard.reached.stop, reached: heard.reached });
    if (heard.type === "cut") {
      steps.addReply(heard.content);
      return end(heard.error === undefined ? whyAborted(options) : { stop: "error", error: heard.error });
    }
    const { cost, reply } = heard;
    const { content, usage, stop } = reply;
    steps.addReply(content, { usage, cost });
    const calls = content.filter((block) => block.type === "call");
    emit({ type: "step-reply", step: steps.step, ...wordsOf(content), calls, stop, usage, cost });
    if (stop === "length") emit({ type: "notice", text: "The reply was cut short by the model's output limit." });
    if (calls.length === 0) {
      if (stop === "refused") return end({ stop });
      await steering.settled();
      const more = steering.isWaiting ? undefined : await whatIsLeft(options, continued);
      const changes = hooks.concernEnd ? "scan" : [];
      if (more === undefined && (signal.aborted || !steering.isWaiting)) return end(undefined, changes);
      const over = budget.check();
      if (over !== undefined) return end({ stop: over.stop, reached: over }, changes);
      deliver();
      await steps.next(changes);
      if (more !== undefined) {
        continued += 1;
        steps.addNote(masker.mask(`A hook says that it is not done: ${more}`));
      }
      continue;
    }

    const ran = await runReply(calls, steps, { ...options, tools, shell });
    denials.push(...ran.denials);
    if (signal.aborted) return end(whyAborted(options), ran.touched);
    if (ran.stop !== undefined) return end({ stop: "stopped", why: ran.stop }, ran.changes);
    const over = budget.check();
    if (over !== undefined) return end({ stop: over.stop, reached: over }, ran.changes);
    const loop = loops.observe(calls, ran.results);
    if (loop.type === "stop") return end({ stop: "loop" }, ran.changes);
    if (loop.type === "warn") steps.addNote(loop.text);
    steps.addNotes(jobs.takeNews());
    await steering.settled();
    deliver();
    await steps.next(ran.changes, ran.answers === undefined ? {} : { always: true, subject: ran.answers });
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

/** What a request holds beside the conversation. */
function besideMessages(
  tools: readonly Tool[],
  { system }: Pick<TurnOptions, "system">,
): Pick<ModelRequest, "system" | "tools"> {
  return { system, tools: toolDefinitions(tools) };
}

function whyAborted({ signal, budget }: Pick<TurnOptions, "signal" | "budget">): EarlyStop {
  const isOver = budget.deadline !== undefined && signal.reason === budget.deadline.reason;
  return isOver ? { stop: "time-limit", reached: budget.check() } : { stop: "interrupted" };
}

function masked(note: StopNote, masker: Masker): StopNote {
  return { ...note, text: masker.mask(note.text) };
}

function wordsOf(content: readonly AssistantBlock[]): { text: string; thinking: string } {
  const join = (type: "text" | "thinking") =>
    content.flatMap((block) => (block.type === type ? [block.text] : [])).join("\n\n");
  return { text: join("text"), thinking: join("thinking") };
}

/** What came of asking the model, if a limit let it be asked. */
type Answer =
  | (Extract<Heard, { type: "reply" }> & { readonly cost: number | undefined })
  | Extract<Heard, { type: "cut" }>
  | { readonly type: "over"; readonly reached: LimitReached; readonly error?: undefined };

type Heard =
  | { readonly type: "reply"; readonly reply: Reply; readonly error?: undefined }
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
