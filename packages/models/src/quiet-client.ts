/**
 * Constructs an SDK's client while the process environment is out of its sight.
 *
 * The SDKs read keys, organisations, log levels and whole header lists (`OPENAI_CUSTOM_HEADERS`) from there. What was
 * meant for one provider would go to whichever server an OpenAI-compatible name points at.
 */
export function withoutEnvironment<Client>(construct: () => Client): Client {
  const environment = process.env;
  process.env = {};
  try {
    return construct();
  } finally {
    process.env = environment;
  }
}

const silence = () => {};

/** A logger that keeps an SDK from writing on the terminal. */
export const silentLogger = { error: silence, warn: silence, info: silence, debug: silence };
