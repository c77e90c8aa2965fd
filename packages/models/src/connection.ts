import type { ModelEvent, ModelRequest } from "./model.ts";
import type { Provider } from "./providers.ts";

/** All that a wire needs to know to speak to one model. */
export interface Connection {
  /** `<provider>/<id>`, as the user wrote it. */
  readonly name: string;
  readonly id: string;
  readonly provider: Provider;
  /** Empty for a provider that needs none. */
  readonly apiKey: string;
  readonly baseUrl: string;
  /** How often the SDK tries again before it gives up. */
  readonly retries: number;
}

/**
 * Sends a request. Resolves when the provider has accepted it, to the events of its answer; these end with the reply,
 * or without one when the provider broke off.
 */
export type Send = (request: ModelRequest, signal: AbortSignal) => Promise<AsyncIterable<ModelEvent>>;

/** Loads a provider's SDK and makes a client of it. */
export type Connect = (connection: Connection) => Promise<Send>;
