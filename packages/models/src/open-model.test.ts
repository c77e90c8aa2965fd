import { spawnSync } from "node:child_process";
import { startModelServer } from "@bough/test-kit";
import { expect, test, vi } from "vitest";
import { ModelError, openModel } from "./index.ts";

function refusal(name: string, options: Partial<Parameters<typeof openModel>[1]> = {}): ModelError {
  try {
    openModel(name, { env: {}, ...options });
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error("It opened.");
}

const request = {
  system: "",
  tools: [],
  messages: [{ role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] }],
};

test("a name that cannot be a model says how to write it", () => {
  const wrong = ["claude-sonnet-5-5", "gpt-5.5", "llama3", "anthropic", "anthropic/", "antropic/claude", "acme/robot"];
  expect(wrong.map((name) => refusal(name).message).join("\n")).toMatchInlineSnapshot(`
    "The model "claude-sonnet-5-5" names no provider. Write anthropic/claude-sonnet-5-5.
    The model "gpt-5.5" names no provider. Write openai/gpt-5.5.
    The model "llama3" names no provider. Write it as <provider>/<id>. The providers are anthropic, openai, google, openai-compatible, deepseek, openrouter, ollama, lmstudio, llamacpp, groq, mistral, xai.
    "anthropic" is a provider and names no model. Write it as anthropic/<id>, like anthropic/claude-sonnet-5-5.
    "anthropic/" names no model. Write it as anthropic/<id>, like anthropic/claude-sonnet-5-5.
    There is no provider "antropic" for the model "antropic/claude". Did you mean anthropic/claude? The providers are anthropic, openai, google, openai-compatible, deepseek, openrouter, ollama, lmstudio, llamacpp, groq, mistral, xai.
    There is no provider "acme" for the model "acme/robot". The providers are anthropic, openai, google, openai-compatible, deepseek, openrouter, ollama, lmstudio, llamacpp, groq, mistral, xai."
  `);
  for (const name of wrong) expect(refusal(name).kind).toBe("unknown-model");
});

test("a missing key is named at once, and that .env files are not read", () => {
  const names = ["anthropic/claude", "openai/gpt", "google/gemini", "xai/grok"];
  expect(names.map((name) => refusal(name).message).join("\n")).toMatchInlineSnapshot(`
    "anthropic/claude needs a key, and ANTHROPIC_API_KEY is not set. Set it in your shell (export ANTHROPIC_API_KEY=…): .env files are not read.
    openai/gpt needs a key, and OPENAI_API_KEY is not set. Set it in your shell (export OPENAI_API_KEY=…): .env files are not read.
    google/gemini needs a key, and GEMINI_API_KEY or GOOGLE_API_KEY is not set. Set it in your shell (export GEMINI_API_KEY=…): .env files are not read.
    xai/grok needs a key, and XAI_API_KEY is not set. Set it in your shell (export XAI_API_KEY=…): .env files are not read."
  `);
  for (const name of names) expect(refusal(name).kind).toBe("missing-key");
  expect(refusal("anthropic/claude", { env: { ANTHROPIC_API_KEY: "  " } }).kind).toBe("missing-key");
});

test("an address that is none is refused at once", () => {
  const wrong = [
    refusal("openai-compatible/x"),
    refusal("anthropic/x", { env: { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: "localhost:80" } }),
    refusal("ollama/x", { baseUrl: "ftp://there" }),
    refusal("ollama/x", { baseUrl: "https://me:secret@there" }),
  ];
  expect(wrong.map((error) => error.message).join("\n")).toMatchInlineSnapshot(`
    "openai-compatible/x needs an address. Set OPENAI_BASE_URL to the server's, like http://127.0.0.1:8000/v1.
    "localhost:80" is no address of anthropic. Correct ANTHROPIC_BASE_URL or the base URL you gave, like https://api.anthropic.com.
    "ftp://there" is no address of ollama. Correct OLLAMA_BASE_URL or the base URL you gave, like http://127.0.0.1:11434/v1.
    The address of ollama holds a user name or password. Take it out of OLLAMA_BASE_URL and set the key in OLLAMA_API_KEY."
  `);
  for (const error of wrong) expect(error.kind).toBe("unreachable");
});

test("key and address come from the variables, options before them, and the id is passed through", async () => {
  await using server = await startModelServer([{ text: "1" }, { text: "2" }, { text: "3" }], { key: "right" });
  const env = {
    OPENROUTER_API_KEY: "right",
    OPENROUTER_BASE_URL: `${server.url}/api/v1/`,
    GOOGLE_API_KEY: "right",
    GOOGLE_GEMINI_BASE_URL: server.url,
  };
  const models = [
    openModel("openrouter/meta-llama/llama-4:free", { env }),
    openModel("google/gemini-3.8-flash", { env }),
    openModel("anthropic/claude", { env: { ANTHROPIC_API_KEY: "wrong" }, apiKey: "right", baseUrl: server.url }),
  ];
  for (const model of models) for await (const _ of model.stream(request));
  expect(server.requests.map(({ path, model }) => `${path} ${model}`)).toEqual([
    "/api/v1/chat/completions meta-llama/llama-4:free",
    "/v1beta/models/gemini-3.8-flash:streamGenerateContent gemini-3.8-flash",
    "/v1/messages claude",
  ]);
});

test("a server on one's own machine needs no key", async () => {
  await using server = await startModelServer([{ text: "Yes." }]);
  for await (const _ of openModel("ollama/qwen", { env: { OLLAMA_BASE_URL: server.url } }).stream(request));
  expect(server.requests).toHaveLength(1);
});

test("the SDKs see nothing of the process environment", async () => {
  const secrets = {
    OPENAI_CUSTOM_HEADERS: "X-Leak: secret",
    ANTHROPIC_CUSTOM_HEADERS: "X-Leak: secret",
    OPENAI_ORG_ID: "secret",
    OPENAI_PROJECT_ID: "secret",
    ANTHROPIC_AUTH_TOKEN: "secret",
    OPENAI_API_KEY: "secret",
    GOOGLE_API_KEY: "secret",
    GOOGLE_GENAI_USE_VERTEXAI: "true",
    OPENAI_BASE_URL: "http://127.0.0.1:1",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    GOOGLE_GEMINI_BASE_URL: "http://127.0.0.1:1",
  };
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  const names = ["anthropic/a", "openai/b", "groq/c", "google/d"];
  await using server = await startModelServer(names.map(() => ({ text: "Fine." })));
  for (const name of names) {
    const model = openModel(name, { env: {}, apiKey: "mine", baseUrl: server.url });
    for await (const _ of model.stream(request));
  }
  vi.unstubAllEnvs();
  expect(server.requests).toHaveLength(4);
  expect(JSON.stringify(server.requests.map((each) => each.headers))).not.toContain("secret");
});

const wires = ["anthropic/claude-sonnet-4-5", "openai/gpt-5.5", "openai-compatible/x", "google/gemini-3.8-flash"];

test("nothing is written on the terminal, also when models are on their way out or an answer is no JSON", async () => {
  const garbled = { status: 500, body: "no JSON at all" };
  await using server = await startModelServer(
    wires.flatMap(() => [{ text: "Fine." }, garbled, { hangUp: "midway" as const }]),
  );
  const program = `
    import { openModel } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
    for (const name of ${JSON.stringify(wires)}) for (let i = 0; i < 3; i++) {
      const model = openModel(name, { env: {}, apiKey: "k", baseUrl: process.argv[1], retries: 0 });
      try { for await (const _ of model.stream(${JSON.stringify(request)})); } catch {}
    }`;
  const env = { PATH: process.env.PATH, OPENAI_LOG: "debug", ANTHROPIC_LOG: "debug", NODE_NO_WARNINGS: "1" };
  const output = await run(program, [server.url], env);
  expect(server.requests).toHaveLength(12);
  expect(output).toBe("");
});

test("importing the package loads no SDK and no zod", () => {
  const program = `
    import { registerHooks } from "node:module";
    registerHooks({ resolve(specifier, context, next) {
      if (!/^(node:|\\.|file:)/.test(specifier)) console.log(specifier);
      return next(specifier, context);
    } });
    await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
    console.log("loaded");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(stdout + stderr).toBe("loaded\n");
});

async function run(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, ["--input-type=module", "-e", program, ...args], { env }, (error, stdout, stderr) => {
      if (error) reject(error);
      else resolve(stdout + stderr);
    });
  });
}
