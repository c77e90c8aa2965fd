import type { Conversation, Session } from "@bough/gitstate";
import type { Model, ModelRequest, Usage } from "@bough/models";
import { systemOf } from "../config.ts";
import { Pictures } from "../pictures.ts";
import type { Setup } from "../setup.ts";
import { toolDefinitions } from "../tool-definitions.ts";
import { type Room, roomOf } from "./context-settings.ts";
import { type MadeRoom, type MakeRoomOptions, makeRoom } from "./make-room.ts";
import { type MessageTokens, Projection } from "./projection.ts";
import { tokensOfText } from "./token-estimate.ts";

/** How full the window of a model is, and by what; in tokens, estimated from the last request where there was one. */
export interface ContextUse extends MessageTokens {
  /** What the model reads at most. */
  readonly window: number;
  /** All that the next request holds beside its prompt. */
  readonly used: number;
  readonly system: number;
  readonly tools: number;
}

/** What came of compacting a conversation; the tokens are estimated. */
export type CompactResult =
  | {
      readonly type: "summarized";
      readonly from: number;
      readonly to: number;
      readonly before: number;
      readonly after: number;
      readonly usage: Usage;
      /** US dollars; undefined when it is not known. */
      readonly cost: number | undefined;
    }
  | { readonly type: "nothing-to-summarize" };

/** A conversation between two turns, as its next request would hold it. */
export interface SessionContextOptions {
  readonly session: Session;
  readonly entries: Conversation["entries"];
  readonly room: Room;
  readonly model: Model;
  readonly beside: Pick<ModelRequest, "system" | "tools">;
}

/** Reads a session as its next request would hold it. */
export async function sessionContext(
  session: Session,
  { model, config, options, offered }: Pick<Setup, "model" | "config" | "options" | "offered">,
): Promise<SessionContextOptions> {
  const { entries } = await session.conversation();
  const beside = { system: systemOf(config), tools: toolDefinitions(offered) };
  return { session, entries, room: await roomOf(options.context, model.name), model, beside };
}

/** Says how full the window is, and by what. */
export async function contextUse(options: SessionContextOptions): Promise<ContextUse> {
  const { beside, room } = options;
  const projection = await project(options);
  const [system, tools] = [tokensOfText(beside.system), tokensOfText(JSON.stringify(beside.tools))];
  return { window: room.window, used: projection.size(), system, tools, ...projection.tokens };
}

/** Has all of a conversation summarized. Throws when the model gives no summary; undefined when there is nothing to say. */
export async function summarizeAll(
  options: SessionContextOptions & Pick<MakeRoomOptions, "step" | "price" | "instructions" | "signal">,
): Promise<{ readonly made: MadeRoom; readonly result: CompactResult } | undefined> {
  const projection = await project(options);
  const made = await makeRoom(projection, { ...options, keep: "all" });
  if (made === undefined) return undefined;
  if (made.steps === undefined) throw new Error(`The conversation could not be summarized: ${made.failure}.`);
  const before = projection.size();
  projection.add({ step: options.step, turn: 0, blocks: [made.block] });
  return {
    made,
    result: { type: "summarized", ...made.steps, before, after: projection.size(), usage: made.usage, cost: made.cost },
  };
}

async function project({ session, entries, room, model, beside }: SessionContextOptions): Promise<Projection> {
  const pictures = new Pictures(session);
  await pictures.load(entries);
  const fixed = tokensOfText(JSON.stringify(beside));
  const projection = new Projection({ room, fixed, model: model.name, pictures });
  for (const entry of entries) projection.add(entry);
  return projection;
}
