import type { Block, Conversation, MadeCommit, Session } from "@bough/gitstate";
import { modelPrice } from "@bough/models";
import { authoredBy } from "./authored-by.ts";
import type { Budget } from "./budget.ts";
import { systemOf } from "./config.ts";
import { roomOf } from "./context/context-settings.ts";
import { pastOf } from "./context/past.ts";
import { demandPrice } from "./demand-price.ts";
import type { Turn } from "./end-turn.ts";
import type { Happening } from "./events.ts";
import type { FirstNotices } from "./first-notices.ts";
import type { SessionHooks } from "./hooks/session-hooks.ts";
import type { TurnHooks } from "./hooks/turn-hooks.ts";
import type { Masker } from "./secrets/masker.ts";
import { sessionMasker } from "./secrets/session-masker.ts";
import type { Setup } from "./setup.ts";
import type { Steering } from "./steering.ts";
import type { SubAgents } from "./sub-agents/sub-agents.ts";
import { bashTool } from "./tools/bash.ts";
import { rememberPrompts } from "./trust/known-prompts.ts";
import { runTurn } from "./turn.ts";
import type { Workshop } from "./workshop.ts";

/** What a prompt is run with. */
export interface PromptOptions {
  readonly session: Session;
  readonly setup: Setup;
  readonly workshop: Workshop;
  readonly sessionHooks: SessionHooks;
  readonly hooks: TurnHooks;
  readonly notices: FirstNotices;
  readonly budget: Budget;
  readonly subAgents: SubAgents;
  readonly steering: Steering;
  /** Whether nobody can have changed a file by hand, the files being still on their way. */
  isUntouched(): boolean;
  readonly signals: readonly AbortSignal[];
  emit(happening: Happening): void;
}

/** Runs the turn of a prompt, once hooks let it pass, secrets are out of it and what the user changed is a commit of theirs. */
export async function runPrompt(given: string, options: PromptOptions): Promise<Turn> {
  const { session, setup, workshop, budget, steering, hooks, signals, emit } = options;
  const { config, model } = setup;
  if (budget.isLimited("cost")) await demandPrice(model.name);
  const price = modelPrice(model.name);
  const told = await hearHooks(given, options);
  const { entries, lastTurn, byHand, masker } = await begin(options);
  const turn = lastTurn + 1;
  const prompt = masker.mask(given);
  emit({ type: "turn-start", turn, prompt });
  tellFirst(options, byHand);
  const opening = openingOf(options, { prompt, told: told.map((text) => masker.mask(text)) });
  let remembered: Promise<void> | undefined;
  const { deadline } = budget;
  const result = await runTurn({
    session,
    history: entries,
    room: await roomOf(setup.options.context, model.name),
    turn,
    opening,
    author: authoredBy(model.name),
    model,
    system: systemOf(config),
    forStep: () => {
      // A plan may have been accepted in the step before.
      workshop.permissions.mode = setup.permissionMode;
      return { tools: setup.usable, offered: setup.offered, shell: workshop.shell(setup.permissionMode) };
    },
    files: workshop.files,
    jobs: workshop.jobs,
    past: pastOf(session),
    permissions: workshop.permissions,
    skills: setup.options.skills,
    hooks,
    ask: setup.asking,
    masker,
    budget,
    price: await price,
    apart: options.subAgents,
    steering,
    signal: AbortSignal.any(deadline === undefined ? [...signals] : [...signals, deadline]),
    emit: (happening) => {
      // Of a session that is taken back, because nothing was answered in it, nothing is to be left.
      if (happening.type === "step-reply") remembered ??= rememberPrompts([config.system, config.instructions]);
      remembered?.catch(() => {});
      emit(happening);
    },
  });
  setup.recorded = config;
  await remembered;
  return result;
}

/** What hooks tell the model beside the prompt; an interrupted turn ends like any other, with what was said. */
async function hearHooks(prompt: string, { sessionHooks, hooks, signals }: PromptOptions): Promise<readonly string[]> {
  try {
    return await sessionHooks.beforePrompt(prompt, hooks);
  } catch (error) {
    if (signals.some(({ aborted }) => aborted)) return [];
    throw error;
  }
}

/** What a turn begins with. */
interface Beginning extends Pick<Conversation, "entries" | "lastTurn"> {
  readonly masker: Masker;
  /** What the user changed since the last turn, in a commit of theirs. */
  readonly byHand: MadeCommit | undefined;
}

async function begin({ session, setup, sessionHooks, isUntouched }: PromptOptions): Promise<Beginning> {
  const opened = sessionMasker(session, setup.options);
  // Awaited later: until then nobody listens.
  opened.catch(() => {});
  // A hook may have changed any file.
  const mayHaveChanged = sessionHooks.concernPrompt || !isUntouched();
  if (mayHaveChanged) await session.catchUp();
  const byHand = mayHaveChanged ? await session.commitByHand() : undefined;
  const { entries, lastTurn } = await session.conversation();
  return { entries, lastTurn, byHand, masker: await opened };
}

/** What is to be told before anything is done. */
function tellFirst({ session, setup, notices, emit }: PromptOptions, byHand: MadeCommit | undefined): void {
  for (const text of session.takeNotices()) emit({ type: "notice", text });
  const runsCommands = setup.offered.some(({ name }) => name === bashTool.name);
  notices.tell(emit, { wantsSandbox: runsCommands && setup.permissionMode !== "bypassPermissions" });
  if (byHand !== undefined) emit({ type: "step-commit", step: session.lastStep, ...byHand });
}

/** What the first step's record begins with. */
function openingOf(
  { setup, workshop }: PromptOptions,
  { prompt, told }: { readonly prompt: string; readonly told: readonly string[] },
): Block[] {
  const note = (text: string): Block => ({ type: "note", text });
  return [
    ...setup.unrecorded,
    ...workshop.jobs.takeNews().map(note),
    { type: "user", text: prompt },
    ...told.map(note),
    ...setup.planNotes.map(note),
  ];
}
