import type { Wire } from "./model.ts";

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a family of models is served and how to speak to it. */
export interface Provider {
  /** What stands before the slash in a model's name. */
  readonly name: string;
  readonly wire: Wire;
  /** The variables that may hold the key; the first that is set counts. */
  readonly keys: readonly string[];
  /** Whether it answers without a key, as servers on one's own machine do. */
  readonly keyless?: true;
  /** The variable that overrides the address. */
  readonly baseUrlVariable: string;
  /** Where it is served; without one the variable must be set. */
  readonly baseUrl?: string;
  /** The id to use when the user named none. */
  readonly defaultModel?: string;
  /** How ids that belong to it look, to tell the user of a bare id what to write. */
  readonly ids?: RegExp;
}

const chat = "openai-chat";

/** Every provider that bough knows, in the order in which keys are looked for. */
export const providers: readonly Provider[] = [
  {
    name: "anthropic",
    wire: "anthropic",
    keys: ["ANTHROPIC_API_KEY"],
    baseUrlVariable: "ANTHROPIC_BASE_URL",
    baseUrl: "https://api.anthropic.com",
    defaultModel: "claude-sonnet-5-5",
    ids: /^claude/i,
  },
  {
    name: "openai",
    wire: "openai-responses",
    keys: ["OPENAI_API_KEY"],
    baseUrlVariable: "OPENAI_BASE_URL",
    baseUrl: "https://api.openai.com/v1",
    defaultModel: "gpt-5.5",
    ids: /^(gpt|chatgpt|codex|o\d)/i,
  },
  {
    name: "google",
    wire: "google",
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    baseUrlVariable: "GOOGLE_GEMINI_BASE_URL",
    baseUrl: "https://generativelanguage.googleapis.com",
    defaultModel: "gemini-3.8-flash",
    ids: /^(gemini|gemma)/i,
  },
  {
    name: "openai-compatible",
    wire: chat,
    keys: ["OPENAI_API_KEY"],
    keyless: true,
    baseUrlVariable: "OPENAI_BASE_URL",
  },
  {
    name: "deepseek",
    wire: chat,
    keys: ["DEEPSEEK_API_KEY"],
    baseUrlVariable: "DEEPSEEK_BASE_URL",
    baseUrl: "https://api.deepseek.com",
    defaultModel: "deepseek-chat",
    ids: /^deepseek/i,
  },
  {
    name: "openrouter",
    wire: chat,
    keys: ["OPENROUTER_API_KEY"],
    baseUrlVariable: "OPENROUTER_BASE_URL",
    baseUrl: "https://openrouter.ai/api/v1",
    defaultModel: "openrouter/auto",
  },
  {
    name: "ollama",
    wire: chat,
    keys: ["OLLAMA_API_KEY"],
    keyless: true,
    baseUrlVariable: "OLLAMA_BASE_URL",
    baseUrl: "http://127.0.0.1:11434/v1",
    defaultModel: "gpt-oss",
  },
  {
    name: "lmstudio",
    wire: chat,
    keys: ["LMSTUDIO_API_KEY"],
    keyless: true,
    baseUrlVariable: "LMSTUDIO_BASE_URL",
    baseUrl: "http://127.0.0.1:1234/v1",
    defaultModel: "openai/gpt-oss-20b",
  },
  {
    name: "llamacpp",
    wire: chat,
    keys: ["LLAMACPP_API_KEY"],
    keyless: true,
    baseUrlVariable: "LLAMACPP_BASE_URL",
    baseUrl: "http://127.0.0.1:8080/v1",
    // llama.cpp serves the one model it was started with, whatever the request calls it.
    defaultModel: "default",
  },
  {
    name: "groq",
    wire: chat,
    keys: ["GROQ_API_KEY"],
    baseUrlVariable: "GROQ_BASE_URL",
    baseUrl: "https://api.groq.com/openai/v1",
    defaultModel: "openai/gpt-oss-120b",
  },
  {
    name: "mistral",
    wire: chat,
    keys: ["MISTRAL_API_KEY"],
    baseUrlVariable: "MISTRAL_BASE_URL",
    baseUrl: "https://api.mistral.ai/v1",
    defaultModel: "mistral-medium-latest",
    ids: /^(mistral|devstral|codestral|magistral)/i,
  },
  {
    name: "xai",
    wire: chat,
    keys: ["XAI_API_KEY"],
    baseUrlVariable: "XAI_BASE_URL",
    baseUrl: "https://api.x.ai/v1",
    defaultModel: "grok-4",
    ids: /^grok/i,
  },
];

/** Names every variable that may hold a key, which no command that an agent runs should see. */
export function keyVariables(): readonly string[] {
  return [...new Set(providers.flatMap((provider) => provider.keys))];
}

/** Returns the first of the variables that is set to more than blanks, with its value. */
export function firstSet(
  variables: readonly string[],
  env: Environment,
): { readonly variable: string; readonly value: string } | undefined {
  for (const variable of variables) {
    const value = env[variable]?.trim();
    if (value) return { variable, value };
  }
  return undefined;
}
