/** What is kept of a block or record but is not its text; plain JSON. */
export type Extra = Readonly<Record<string, unknown>>;

/** One thing that was said, asked for, or decided. */
export type Block =
  | {
      readonly type: "user" | "assistant" | "thinking" | "summary" | "note";
      readonly text: string;
      readonly extra?: Extra;
    }
  | { readonly type: "call"; readonly name: string; readonly id: string; readonly text: string; readonly extra?: Extra }
  | {
      readonly type: "result";
      readonly name: string;
      readonly id: string;
      readonly text: string;
      readonly extra?: Extra;
    }
  | { readonly type: "config"; readonly text: string; readonly extra?: Extra }
  | { readonly type: "rewind"; readonly to: number; readonly text: string; readonly extra?: Extra };

/** One step of a session: a model's reply with the results of its calls, or an act such as a rewind. */
export interface StepRecord {
  /** The session that made it; see {@link isOurs} for which sessions read it. */
  readonly session: string;
  /** Grows along a lineage and is never used twice. */
  readonly step: number;
  readonly turn: number;
  readonly extra?: Extra;
  readonly blocks: readonly Block[];
}
