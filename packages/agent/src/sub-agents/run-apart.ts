import type { CallBlock, ResultBlock } from "@bough/models";
import type { RecordedBeside } from "../conversation.ts";
import { type CallContext, type CallResults, joinResults, runCalls } from "../run-calls.ts";
import type { SubAgents } from "./sub-agents.ts";

/** How many agents of one reply work at once. */
const AT_ONCE = 16;

/** What calls that run apart take. */
interface ApartContext extends CallContext {
  readonly apart: SubAgents;
  /** Makes an answer durable until the step is committed. */
  keepAnswer(result: ResultBlock, beside: RecordedBeside): Promise<void>;
}

/** Runs the calls of a reply that work with other agents: at the same time, and each answered after those before it. */
export async function runApart(calls: readonly CallBlock[], context: ApartContext): Promise<CallResults> {
  const { from } = context.apart;
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const ended = calls.map(() => Promise.withResolvers<void>());
  const outcomes: CallResults[] = [];
  const waiting = calls.entries();
  const lane = async () => {
    // Calls are taken in order, so each one that another waits for is over or in another lane.
    for (const [i, call] of waiting) {
      const before = Promise.all(ended.slice(0, i).map(({ promise }) => promise));
      try {
        outcomes[i] = await runOne(call, { ...context, signal, from, before });
      } catch (error) {
        failed.abort(error);
      } finally {
        ended[i]?.resolve();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  failed.signal.throwIfAborted();
  return joinResults(outcomes);
}

async function runOne(
  call: CallBlock,
  { from, before, ...context }: ApartContext & { readonly from: string; readonly before: Promise<unknown> },
): Promise<CallResults> {
  const { id, name } = call;
  const { apart, keepAnswer, signal } = context;
  const keep = (result: ResultBlock, beside: RecordedBeside) => keepAnswer(result, beside);
  const subAgents = apart.ofCall({
    id,
    name,
    from,
    before,
    signal,
    keepAnswer: (result, extra) => keep(result, new Map([[id, extra]])),
  });
  const outcome = await runCalls([call], { ...context, subAgents });
  for (const result of outcome.results) await keep(result, outcome.beside);
  return outcome;
}
