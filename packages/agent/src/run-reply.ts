import type { CallBlock } from "@bough/models";
import { type CallContext, type CallResults, mayWrite, runCalls, runsApart } from "./run-calls.ts";
import { subjectOfAnswers } from "./sub-agents/report.ts";
import { runApart } from "./sub-agents/run-apart.ts";
import type { SubAgents } from "./sub-agents/sub-agents.ts";
import type { TurnSteps } from "./turn-steps.ts";

/** What running the calls of a reply takes. */
export interface ReplyContext extends CallContext {
  /** Where calls have other agents work. */
  readonly apart: SubAgents;
}

/** What came of the calls of a reply, their results being in the step. */
export interface RanReply extends Pick<CallResults, "results" | "changes" | "denials" | "stop"> {
  /** Where an interruption may have left changes. */
  readonly touched: CallResults["changes"];
  /** What the commit of the answers of other agents is called; its step is one that is always committed. */
  readonly answers?: string;
}

/** Runs the calls of a reply: those that work with other agents last, from a commit of what all others did. */
export async function runReply(
  calls: readonly CallBlock[],
  steps: TurnSteps,
  context: ReplyContext,
): Promise<RanReply> {
  const { tools, hooks, signal } = context;
  const apart = calls.filter((call) => runsApart(call, tools));
  const together = calls.filter((call) => !apart.includes(call));
  const writes = mayWrite(together, tools) || calls.some(({ name }) => hooks.concerns(name));
  const touched = writes ? "scan" : [];
  await steps.beforeCalls({ mayWrite: writes });
  const ran = await runCalls(together, context);
  await steps.addResults(ran.results, ran.beside);
  if (apart.length === 0 || signal.aborted || ran.stop !== undefined) return { ...ran, touched };

  await steps.split(ran.changes);
  const answered = await runApart(apart, { ...context, keepAnswer: steps.keepAnswer.bind(steps) });
  await steps.addResults(answered.results, answered.beside);
  const results = [...ran.results, ...answered.results];
  const denials = [...ran.denials, ...answered.denials];
  return { ...answered, results, denials, touched, answers: subjectOfAnswers(answered.beside) };
}
