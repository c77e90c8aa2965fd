import type { CallBlock, StopReason as ReplyStop, Usage } from "@bough/models";

/** Why a turn ended. */
export type StopReason =
  | "done"
  | "interrupted"
  | "turn-limit"
  | "token-limit"
  | "cost-limit"
  | "time-limit"
  | "refused"
  | "loop"
  /** A hook ended it. */
  | "stopped"
  | "error";

/** What happens while an agent works, in order, as plain JSON. */
export type AgentEvent = { readonly branch: string } & (
  | { readonly type: "turn-start"; readonly turn: number; readonly prompt: string }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "thinking-delta"; readonly text: string }
  /** The model's reply is whole. */
  | {
      readonly type: "step-reply";
      readonly step: number;
      readonly text: string;
      readonly thinking: string;
      readonly calls: readonly Pick<CallBlock, "id" | "name" | "input">[];
      readonly stop: ReplyStop;
      readonly usage: Usage;
      /** US dollars; undefined when it is not known. */
      readonly cost?: number;
    }
  | { readonly type: "tool-start"; readonly id: string; readonly name: string; readonly input: Record<string, unknown> }
  | { readonly type: "tool-output"; readonly id: string; readonly text: string }
  | {
      readonly type: "tool-end";
      readonly id: string;
      readonly name: string;
      readonly text: string;
      readonly isError: boolean;
      /** Whether it was not run, because it was not permitted. */
      readonly isDenied: boolean;
    }
  /** A sub-agent begins, for a call of this id; what it does is told under its own branch. */
  | {
      readonly type: "agent-start";
      readonly id: string;
      readonly child: string;
      readonly task: string;
      readonly model: string;
    }
  /** It is over, and what it did was merged, or is kept on its branch, as where it conflicts. */
  | {
      readonly type: "agent-end";
      readonly id: string;
      readonly child: string;
      readonly stop: StopReason;
      readonly outcome: "merged" | "conflict" | "kept";
    }
  /** A command goes on in the background; what it prints is told where the model reads it. */
  | { readonly type: "job-start"; readonly id: string; readonly command: string }
  /** It ended, with a code, by a signal, or for a reason it could not be started; told at the start of the next turn when that was between two. */
  | {
      readonly type: "job-end";
      readonly id: string;
      readonly code?: number;
      readonly signal?: string;
      readonly reason?: string;
    }
  /** A commit is durable. */
  | {
      readonly type: "step-commit";
      readonly step: number;
      readonly commit: string;
      readonly subject: string;
      readonly files: readonly string[];
      readonly usage?: Usage;
      /** US dollars; undefined when it is not known. */
      readonly cost?: number;
    }
  /** What was sent while the turn ran reached it. */
  | { readonly type: "user-message"; readonly text: string }
  /** A summary takes the place of these steps in what the model is sent; `before` and `after` are its tokens, estimated. */
  | {
      readonly type: "summary";
      readonly from: number;
      readonly to: number;
      readonly before: number;
      readonly after: number;
      readonly usage: Usage;
      /** US dollars; undefined when it is not known. */
      readonly cost?: number;
    }
  | { readonly type: "notice"; readonly text: string }
  /** The text says why it ended before the model was done. */
  | { readonly type: "turn-end"; readonly stop: StopReason; readonly text?: string }
);

/** An event before it is known on which branch it happened. */
export type Happening = AgentEvent extends infer Event
  ? Event extends AgentEvent
    ? Omit<Event, "branch">
    : never
  : never;
