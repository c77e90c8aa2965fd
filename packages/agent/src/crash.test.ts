import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { openModel } from "@bough/models";
import { startModelServer, type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";

// Runs a turn of three steps: a file is written, looked at, and a command runs. It dies where it is told to.
const program = `
import { Agent } from "@bough/agent";
import { scriptedModel } from "@bough/models";

const [point] = process.argv.slice(1);
const die = (here) => here === point && process.kill(process.pid, "SIGKILL");
const call = (id, name, input) => ({ type: "call", id, name, input });
const kill = point === "in a command" ? "echo written; sleep 5" : "true";
const agent = await Agent.start({
  cwd: process.cwd(),
  permissionMode: "bypassPermissions",
  tools: ["Write", "Read", "Bash"],
  branch: "crash",
  model: scriptedModel([
    { content: [{ type: "text", text: "I write." }, call("1", "Write", { file_path: "written.txt", content: "x\\n" })] },
    { content: [{ type: "text", text: "I look." }, call("2", "Read", { file_path: "written.txt" })] },
    { content: [{ type: "text", text: "I run it." }, call("3", "Bash", { command: "echo half done > run.txt; " + kill })] },
    "All is done.",
  ]),
});
await agent.run("Do it", {
  onEvent(event) {
    if (event.type === "turn-start") die("before the first answer");
    if (event.type === "tool-output") die("in a command");
    if (event.type === "tool-end") die("after " + event.name);
    if (event.type === "step-commit") die("after commit " + event.step);
  },
});
`;

async function runUntil(point: string, repository: TemporaryRepository): Promise<void> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", inThisPackage(program), point], {
    cwd: repository.path,
    env: repository.env,
    stdio: ["ignore", "inherit", "pipe"],
  });
  const [stderr, [, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ stderr, signal }).toEqual({ stderr: "", signal: "SIGKILL" });
}

/** The program runs in the repository and imports what this file can import. */
function inThisPackage(source: string): string {
  return source.replaceAll(/from "([^"]+)"/g, (_, name) => `from ${JSON.stringify(import.meta.resolve(name))}`);
}

test.each([
  ["before the first answer", [], {}],
  ["after Write", ["user: Do it", "assistant: I write."], { "written.txt": "scripted" }],
  ["after commit 1", ["user: Do it", "assistant: I write."], { "written.txt": "scripted" }],
  [
    "in a command",
    ["user: Do it", "assistant: I write.", "assistant: I look.", "assistant: I run it."],
    { "written.txt": "scripted", "run.txt": "scripted" },
  ],
  [
    "after Bash",
    ["user: Do it", "assistant: I write.", "assistant: I look.", "assistant: I run it."],
    { "written.txt": "scripted", "run.txt": "scripted" },
  ],
])("after kill -9 %s, what was said is there and each change has its author", async (point, said, authors) => {
  await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
  await runUntil(point, repository);
  await using server = await startModelServer([{ text: "Back again." }]);
  const model = openModel("anthropic/claude", { env: {}, apiKey: "key", baseUrl: server.url });
  await using agent = await Agent.resume({
    cwd: repository.path,
    rev: "bough/crash",
    model,
    permissionMode: "bypassPermissions",
  });
  expect(await agent.run("Go on")).toMatchObject({ stop: "done", text: "Back again." });

  const [request] = server.requests;
  expect(request?.refused).toBeUndefined();
  const messages = request?.messages ?? [];
  const kept = messages.flatMap(({ role, text: words = "" }) =>
    words === "" ? [] : [`${role}: ${words.replace("\n\nGo on", "")}`],
  );
  expect(kept.filter((each) => each !== "user: Go on")).toEqual(said);
  const open = messages.flatMap(({ results = [] }) => results).filter(({ text: answer }) => answer === "interrupted");
  expect(open).toHaveLength(["after Write", "in a command", "after Bash"].includes(point) ? 1 : 0);

  for (const [path, author] of Object.entries(authors)) {
    expect(await repository.git("log", "--format=%an", "bough/crash", "--", path)).toMatch(author);
  }
  expect(await repository.git("diff", "--name-only", "main", "bough/crash")).toBe(
    Object.keys(authors).toSorted().join("\n"),
  );
  expect(await repository.git("fsck", "--no-dangling", "--no-progress")).toBe("");
});
