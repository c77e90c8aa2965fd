/** Why there is no reply, and what to do about it: each kind has its own remedy. */
export type ModelErrorKind =
  | "missing-key"
  | "unknown-model"
  | "unreachable"
  | "authentication"
  | "rate-limit"
  | "overloaded"
  | "context-overflow"
  | "rejected"
  | "broken-stream";

/** No reply is to be had from the model; the message names the variable, address or model at fault and what to do. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly kind: ModelErrorKind;
  /** The HTTP status, where the provider answered with one. */
  readonly status: number | undefined;

  constructor(kind: ModelErrorKind, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
  }
}
