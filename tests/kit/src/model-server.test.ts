import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type RecordedRequest, startModelServer } from "./index.ts";

async function ask(url: string, words = "Hi", signal?: AbortSignal): Promise<string> {
  const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: words }] });
  const init = { method: "POST", headers: { authorization: "Bearer k" }, body, signal: signal ?? null };
  return await (await fetch(`${url}/any/prefix/chat/completions`, init)).text();
}

test("answers are played in order, and past the end it says so", async () => {
  await using server = await startModelServer([
    { text: "One." },
    (request) => ({ text: `You said ${request.messages[0]?.text}` }),
  ]);
  expect(await ask(server.url)).toContain("One.");
  expect(await ask(server.url, "Ho")).toMatch(/You s.*aid H/s);
  expect(await ask(server.url)).toContain("The script of the model server has no answer for request 3.");
});

test("a refused request is recorded with the reason and uses up no answer", async () => {
  await using server = await startModelServer([{ text: "One." }]);
  await ask(server.url, "");
  expect(await ask(server.url)).toContain("One.");
  expect(server.requests).toMatchObject([
    { number: 1, refused: "messages.0.content: content must not be empty" },
    { number: 2, wire: "openai-chat", messages: [{ role: "user", text: "Hi" }] },
  ]);
});

test("a request is known as soon as it has arrived, and so is a client that left", async () => {
  const seen: RecordedRequest[] = [];
  await using server = await startModelServer([{ stall: true }], { onRequest: (request) => seen.push(request) });
  const controller = new AbortController();
  const answer = ask(server.url, "Hi", controller.signal);
  expect((await server.request(1)).messages).toEqual([{ role: "user", text: "Hi" }]);
  expect(seen).toEqual(server.requests);
  controller.abort();
  await expect(answer).rejects.toThrow("aborted");
  await server.finished(1);
});

test("failures are played as they are written", async () => {
  await using server = await startModelServer([
    { status: 429, message: "Slow down.", headers: { "retry-after": "7" } },
    { hangUp: "before" },
    { hangUp: "midway", text: "Half an answer" },
  ]);
  expect(JSON.parse(await ask(server.url))).toMatchObject({
    error: { message: "Slow down.", type: "rate_limit_error" },
  });
  await expect(ask(server.url)).rejects.toThrow("fetch failed");
  await expect(ask(server.url)).rejects.toThrow("terminated");
});

test("a request that is longer than the window is refused as a provider does, and recorded", async () => {
  await using server = await startModelServer([{ text: "One." }], { window: 100 });
  const refusal = JSON.parse(await ask(server.url, "long ".repeat(100)));
  expect(refusal).toMatchObject({ error: { code: "context_length_exceeded" } });
  expect(await ask(server.url)).toContain("One.");
  expect(server.requests).toMatchObject([{ refused: expect.stringContaining("maximum context length is 100") }, {}]);
  expect(server.requests[0]?.messages).toHaveLength(1);
});

test("closing ends what still stalls", async () => {
  const server = await startModelServer([{ stall: true }]);
  const answer = ask(server.url);
  await server.request(1);
  await server.close();
  await server.close();
  await expect(answer).rejects.toThrow();
});

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trim();
  throw new Error("The program said nothing.");
}

test("the program serves a script from a file and logs what it was asked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bough-model-server-"));
  const [script, log] = [join(folder, "script.json"), join(folder, "log")];
  writeFileSync(script, JSON.stringify([{ text: "From the file." }]));
  const program = join(import.meta.dirname, "model-server-cli.ts");
  const child = spawn(process.execPath, [program, script, "--log", log, "--loop", "--latency", "1"]);
  try {
    const url = await firstLine(child);
    expect(await ask(url)).toContain("From ");
    expect(await ask(url, "Again")).toContain("From ");
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).messages[0].text)).toEqual(["Hi", "Again"]);
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
});
