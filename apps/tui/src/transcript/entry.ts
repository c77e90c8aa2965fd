import type { StopReason } from "@bough/agent";

/** How a call stands. */
export type CallState = "running" | "done" | "failed" | "denied";

/** One thing in a transcript, as it is now. Times are in milliseconds since the epoch. */
export type Entry =
  /** What the user asked for. */
  | { readonly type: "prompt"; readonly turn: number; readonly text: string }
  /** What the model said, in Markdown; more may come while it is open. */
  | { readonly type: "answer"; readonly text: string; readonly isOpen: boolean }
  | { readonly type: "thinking"; readonly text: string; readonly isOpen: boolean }
  | {
      readonly type: "call";
      readonly id: string;
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly state: CallState;
      /** What the tool answered, or has printed so far. */
      readonly text: string;
      /** What the agent that works for it does now. */
      readonly live?: string;
      /** Unknown of a call that was read back. */
      readonly startedAt?: number;
      readonly endedAt?: number;
    }
  | {
      readonly type: "commit";
      readonly step: number;
      readonly commit: string;
      readonly subject: string;
      readonly files: readonly string[];
    }
  /** A line that is not the model's: what happened by other hands, or went wrong. */
  | { readonly type: "notice"; readonly text: string }
  /** Why a turn ended before the model was done. */
  | { readonly type: "stop"; readonly stop: StopReason; readonly text: string }
  /** What a command of the user's answered, already laid out in lines; more may come while it is open. */
  | {
      readonly type: "output";
      readonly title: string;
      readonly text: string;
      readonly isError: boolean;
      readonly isOpen?: boolean;
    };

/** An entry in its place. */
export interface Placed {
  /** Never used twice in a transcript. */
  readonly id: number;
  /** Grows when the entry changes, so that what was made of it before can be told from what is now. */
  readonly version: number;
  readonly entry: Entry;
}
