import type { AssistantBlock, CallBlock, Model, ModelPrice, ModelRequest } from "@bough/models";
import { type Answer, Asker } from "./ask-model.ts";
import type { Budget } from "./budget.ts";
import { metered } from "./context/metered.ts";
import { tokensOfText } from "./context/token-estimate.ts";
import { TurnRoom } from "./context/turn-room.ts";
import { endTurn, type Turn, whyAborted } from "./end-turn.ts";
import { LoopDetector } from "./loop-detector.ts";
import type { CallResults, Denial } from "./run-calls.ts";
import { type ReplyContext, runReply } from "./run-reply.ts";
import type { Steering } from "./steering.ts";
import type { EarlyStop } from "./stop-note.ts";
import type { Tool } from "./tool.ts";
import { toolDefinitions } from "./tool-definitions.ts";
import { TurnSteps, type TurnStepsOptions } from "./turn-steps.ts";
import { whatIsLeft } from "./what-is-left.ts";

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
  const asker = new Asker({ model, budget, price, opened: steps.opened, signal, emit });
  const denials: Denial[] = [];
  const loops = new LoopDetector();
  const end = (early?: EarlyStop, changes?: CallResults["changes"]) =>
    endTurn({ early, changes }, { ...options, steps, denials });
  const deliver = () => {
    for (const { text, told } of steering.take()) {
      loops.reset();
      const message = { text: masker.mask(text), told: told.map((each) => masker.mask(each)) };
      steps.addMessage(message);
      emit({ type: "user-message", text: message.text });
    }
  };

  for (;;) {
    const { tools, offered, shell } = options.forStep();
    const heard = await room.ask((messages) => asker.ask(besideMessages(offered, options), messages));
    if (heard.type === "over") return end({ stop: heard.reached.stop, reached: heard.reached });
    if (heard.type === "cut") {
      steps.addReply(heard.content);
      return end(heard.error === undefined ? whyAborted(options) : { stop: "error", error: heard.error });
    }
    const { stop } = heard.reply;
    const calls = takeReply(heard, { steps, emit });
    if (calls.length === 0) {
      if (stop === "refused") return end({ stop });
      await steering.settled();
      const more = steering.isWaiting ? undefined : await whatIsLeft({ ...options, continued });
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

/** What a request holds beside the conversation. */
function besideMessages(
  tools: readonly Tool[],
  { system }: Pick<TurnOptions, "system">,
): Pick<ModelRequest, "system" | "tools"> {
  return { system, tools: toolDefinitions(tools) };
}

/** Takes in a reply, tells of it, and returns what it calls for. */
function takeReply(
  { reply, cost }: Extract<Answer, { type: "reply" }>,
  { steps, emit }: { readonly steps: TurnSteps } & Pick<TurnOptions, "emit">,
): readonly CallBlock[] {
  const { content, usage, stop } = reply;
  steps.addReply(content, { usage, cost });
  const calls = content.filter((block) => block.type === "call");
  emit({ type: "step-reply", step: steps.step, ...wordsOf(content), calls, stop, usage, cost });
  if (stop === "length") emit({ type: "notice", text: "The reply was cut short by the model's output limit." });
  return calls;
}

function wordsOf(content: readonly AssistantBlock[]): { text: string; thinking: string } {
  const join = (type: "text" | "thinking") =>
    content.flatMap((block) => (block.type === type ? [block.text] : [])).join("\n\n");
  return { text: join("text"), thinking: join("thinking") };
}
