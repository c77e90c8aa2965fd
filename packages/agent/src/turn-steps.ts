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
import { recordReply, recordResults, toMessages } from "./conversation.ts";
import type { Happening } from "./events.ts";
import { Pictures } from "./pictures.ts";
import type { SentMessage } from "./steering.ts";
import type { StopNote } from "./stop-note.ts";
import { subjectOf } from "./subject.ts";

const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** What the steps of a turn are recorded with. */
export interface TurnStepsOptions {
  readonly session: Session;
  readonly history: readonly (Step | OutsideCommit)[];
  readonly turn: number;
  /** The prompt, after whatever else is to be recorded with it. */
  readonly opening: readonly Block[];
  readonly author: Identity;
  readonly model: string;
  emit(happening: Happening): void;
}

/** The steps of a running turn: what the model is sent of them, and their way into commits. */
export class TurnSteps {
  /** Settles when the prompt is durable; nothing of an answer is shown before. */
  readonly opened: Promise<unknown>;
  readonly #options: TurnStepsOptions;
  readonly #done: NewStep[] = [];
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

  /** Begins the first step: the prompt is made durable while the model is asked. */
  constructor(options: TurnStepsOptions) {
    this.#options = options;
    this.#pictures = new Pictures(options.session);
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
    const { history } = this.#options;
    const now = this.#blocks.length === 0 ? this.#done : [...this.#done, this.#record()];
    await this.#pictures.load([...history, ...now]);
    return toMessages(history, now, this.#pictures);
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
  async addResults(results: readonly ResultBlock[]): Promise<void> {
    await this.#pictures.keep(results);
    this.#blocks.push(...recordResults(results, this.#pictures));
  }

  /** Takes in what the model is told beside the results. */
  addNotes(texts: readonly string[]): void {
    this.#blocks.push(...texts.map((text) => ({ type: "note" as const, text })));
  }

  /** Ends the step and begins the next; its commit goes on meanwhile. */
  next(changes: CommitOptions["changes"]): void {
    this.#saving = this.#quietly(this.#commit({ changes }));
    this.#done.push(this.#record());
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
    if (made !== undefined) emit({ type: "step-commit", step: record.step, ...made, ...spending });
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

function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  };
}
