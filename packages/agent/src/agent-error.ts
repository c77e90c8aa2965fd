/** Why an agent cannot do what it was asked. */
export type AgentErrorReason =
  | "no-session"
  | "no-model"
  | "unknown-price"
  | "unknown-tool"
  | "empty-prompt"
  | "long-prompt"
  | "busy"
  | "not-running"
  | "closed"
  | "blocked";

/** The agent cannot do what it was asked; the message says what to do instead. Nothing was changed. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly reason: AgentErrorReason;

  constructor(reason: AgentErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
