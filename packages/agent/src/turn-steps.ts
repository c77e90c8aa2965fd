import type {
  Block,
  CommitOptions,
  Identity,
  MadeCommit,
  NewStep,
  OutsideCommit,
  Session,
  Step,
} from "@bough/gitstate";
import type { AssistantBlock, Message, ResultBlock, Usage } from "@bough/models";
import type { Spending } from "./budget.ts";
import type { Room } from "./context/context-settings.ts";
import type { MadeRoom } from "./context/make-room.ts";
import { Projection } from "./context/projection.ts";
import { type RecordedBeside, recordReply, recordResults } from "./conversation.ts";
import type { Happening } from "./events.ts";
import { Pictures } from "./pictures.ts";
import type { SentMessage } from "./steering.ts";
import { steeringNotice } from "./steering-notice.ts";
import type { StopNote } from "./stop-note.ts";
import { subjectOf } from "./subject.ts";
import { addUsage, NO_USAGE } from "./usage.ts";

/** What the steps of a turn are recorded with. */
export interface TurnStepsOptions {
  readonly session: Session;
  readonly history: readonly (Step | OutsideCommit)[];
  readonly turn: number;
  /** The prompt, after whatever else is to be recorded with it. */
  readonly opening: readonly Block[];
  readonly author: Identity;
  readonly model: string;
  /** How much of the conversation the model can be sent. */
  readonly room: Room;
  /** Estimated tokens of what every request holds beside the messages. */
  readonly fixed: number;
  emit(happening: Happening): void;
}

/** The steps of a running turn: what the model is sent of them, and their way into commits. */
export class TurnSteps {
  /** Settles when the prompt is durable; nothing of an answer is shown before. */
  readonly opened: Promise<unknown>;
  /** What the model is shown of the steps before this one. */
  readonly projection: Promise<Projection>;
  readonly #options: TurnStepsOptions;
  readonly #pictures: Pictures;
  #step: number;
  #blocks: Block[];
  #content: readonly AssistantBlock[] = [];
  #spending: Spending | undefined;
  /** What is on its way into git; a model may answer meanwhile, a tool may not run. */
  #saving: Promise<unknown>;
  #usage = NO_USAGE;
  #replies = 0;
  #text = "";
  /** What calls are answered with that wait for sub-agents, as far as is known. */
  readonly #awaited = new Map<string, Block>();

  /** Begins the first step: the prompt is made durable while the model is asked. */
  constructor(options: TurnStepsOptions) {
    this.#options = options;
    this.#pictures = new Pictures(options.session);
    this.projection = this.#quietly(this.#project());
    this.#step = options.session.lastStep + 1;
    this.#blocks = [...options.opening];
    this.#saving = this.#quietly(options.session.keep(this.#record()));
    this.opened = this.#saving.catch(() => {});
  }

  /** Tokens of all replies so far. */
  get usage(): Usage {
    return this.#usage;
  }

  /** How many replies the model gave. */
  get replies(): number {
    return this.#replies;
  }

  /** What the model said in its last reply. */
  get text(): string {
    return this.#text;
  }

  /** The number of the step that is being made. */
  get step(): number {
    return this.#step;
  }

  /** The conversation as the model is sent it. */
  async messages(): Promise<Message[]> {
    return (await this.projection).messages(this.#record());
  }

  /** How many tokens the next request takes. */
  async size(): Promise<number> {
    return (await this.projection).size(this.#record());
  }

  /** Whether the next request is so large that there should be a summary. */
  async isFull(): Promise<boolean> {
    return (await this.projection).isFull(this.#record());
  }

  /** Takes in what the rest of the conversation is shortened by. */
  addSummary({ block, usage }: Pick<MadeRoom, "block" | "usage">): void {
    this.#blocks.push(block);
    this.#usage = addUsage(this.#usage, usage);
  }

  async #project(): Promise<Projection> {
    const { history, room, fixed, model } = this.#options;
    await this.#pictures.load(history);
    const projection = new Projection({ room, fixed, model, pictures: this.#pictures });
    for (const entry of history) projection.add(entry);
    return projection;
  }

  /** Takes in what the model answered; a reply that was cut short comes without what it took. */
  addReply(content: readonly AssistantBlock[], spending?: Spending): void {
    this.#content = content;
    this.#blocks.push(...recordReply(content));
    this.#text = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n");
    if (spending === undefined) return;
    this.#replies++;
    this.#spending = spending;
    this.#usage = addUsage(this.#usage, spending.usage);
  }

  /**
   * Waits until tools may run: the files are there, the steps before are in git, and so is this one's reply when its
   * calls can write, or nobody could tell after a crash whose the changes are.
   */
  async beforeCalls({ mayWrite }: { mayWrite: boolean }): Promise<void> {
    await Promise.all([this.#options.session.ready, this.#saving]);
    if (mayWrite) await this.#options.session.keep(this.#record());
  }

  /** Takes in what the model is to be told before its next reply. */
  addNote(text: string): void {
    this.#blocks.push({ type: "note", text });
  }

  /** Takes in what the user says while the turn runs, and what the model is told beside it. */
  addMessage({ text, told }: SentMessage): void {
    this.#blocks.push({ type: "user", text });
    this.addNotes(told);
  }

  /** Takes in the results of the reply's calls. */
  async addResults(results: readonly ResultBlock[], beside?: RecordedBeside): Promise<void> {
    await this.#pictures.keep(results);
    this.#blocks.push(...recordResults(results, this.#pictures, beside));
    this.#awaited.clear();
  }

  /**
   * Ends the step of the reply with a commit, for sub-agents to begin at: with all that its results so far and the user
   * changed. What they answer is the next step's.
   */
  async split(changes: CommitOptions["changes"]): Promise<void> {
    await this.#saving;
    await this.#commit({ changes, always: true });
    if (changes !== "scan") await this.#commitByHand();
    await this.#begin();
  }

  /** Makes durable what a call is answered with should the program die before its step is committed. */
  async keepAnswer(result: ResultBlock, beside?: RecordedBeside): Promise<void> {
    const [block] = recordResults([result], undefined, beside);
    if (block !== undefined) this.#awaited.set(result.id, block);
    const record = this.#record();
    await this.#options.session.keep({ ...record, blocks: [...record.blocks, ...this.#awaited.values()] });
  }

  /** Takes in what the model is told beside the results. */
  addNotes(texts: readonly string[]): void {
    this.#blocks.push(...texts.map((text) => ({ type: "note" as const, text })));
  }

  /** Ends the step and begins the next; its commit goes on meanwhile. */
  async next(
    changes: CommitOptions["changes"],
    options: Pick<CommitOptions, "always"> & { subject?: string } = {},
  ): Promise<void> {
    this.#saving = this.#quietly(this.#commit({ changes, ...options }));
    await this.#begin();
  }

  async #begin(): Promise<void> {
    (await this.projection).add(this.#record());
    this.#step++;
    this.#blocks = [];
    this.#content = [];
    this.#spending = undefined;
  }

  /**
   * Ends the turn with a commit and resolves to its id. A note says why it ends early. What changed and no call
   * explains is the user's own.
   */
  async end(changes: CommitOptions["changes"], note?: StopNote): Promise<string> {
    await this.#saving;
    if (note !== undefined) this.#blocks.push(note);
    const subject = subjectOf(this.#content) ?? note?.text;
    // The answer is the last commit, unless the last step's own changes have to be told from the user's first.
    const wrote = changes === "scan" || changes.length > 0;
    if (!wrote) await this.#commitByHand();
    const made = await this.#commit({ changes, always: true, subject });
    // A scan has found everything, whoever did it.
    if (wrote && changes !== "scan") await this.#commitByHand();
    return made?.commit ?? this.#options.session.tip;
  }

  async #commitByHand(): Promise<void> {
    const byHand = await this.#options.session.commitByHand();
    if (byHand !== undefined) this.#options.emit({ type: "step-commit", step: this.#step, ...byHand });
  }

  #record(): NewStep {
    const { turn, model } = this.#options;
    const extra = this.#spending === undefined ? {} : { extra: { model, usage: recorded(this.#spending) } };
    return { step: this.#step, turn, ...extra, blocks: [...this.#blocks] };
  }

  async #commit({
    subject = subjectOf(this.#content) ?? "No answer",
    ...options
  }: Pick<CommitOptions, "changes" | "always"> & { readonly subject?: string }): Promise<MadeCommit | undefined> {
    const { session, author, emit } = this.#options;
    const [record, spending] = [this.#record(), this.#spending];
    const made = await session.commit(record, { ...options, author, subject });
    if (made === undefined) return undefined;
    emit({ type: "step-commit", step: record.step, ...made, ...spending });
    // Other changes are those of calls that were judged by the paths they name.
    const notice = options.changes === "scan" ? steeringNotice(made.files, made.commit) : undefined;
    if (notice !== undefined) emit({ type: "notice", text: notice });
    return made;
  }

  /** Its failure is told where it is waited for. */
  #quietly<Result>(work: Promise<Result>): Promise<Result> {
    work.catch(() => {});
    return work;
  }
}

/** A cost that is not known is not recorded, rather than as nothing. */
function recorded({ usage, cost }: Spending): Usage & { cost?: number } {
  return { ...usage, ...(cost === undefined ? {} : { cost }) };
}
