import type OpenAI from "openai";
import type { Connection } from "./connection.ts";
import { silentLogger, withoutEnvironment } from "./quiet-client.ts";

/** Makes a client of the OpenAI SDK that knows the connection and nothing of the environment. */
export async function openAiClient({ apiKey, baseUrl, retries }: Connection): Promise<OpenAI> {
  const { default: Client } = await import("openai");
  return withoutEnvironment(
    () =>
      new Client({
        // The SDK insists on one; servers that need none take any.
        apiKey: apiKey || "none",
        baseURL: baseUrl,
        maxRetries: retries,
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        logger: silentLogger,
        logLevel: "off",
      }),
  );
}
