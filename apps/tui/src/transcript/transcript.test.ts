import { Agent, type AgentEvent } from "@bough/agent";
import { Repository, readTranscript } from "@bough/gitstate";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { entriesOf } from "./entries-of.ts";
import type { Entry } from "./entry.ts";
import { Transcript } from "./transcript.ts";

const branch = "bough/x";
const taken = (...events: AgentEvent[]) => {
  const transcript = new Transcript();
  for (const event of events) transcript.take(event, 1000);
  return transcript;
};

const call = (id: string, name: string, input: Record<string, unknown>) => ({ type: "call", id, name, input }) as const;

test("words that come one after the other are one answer, open until the reply is whole", () => {
  const deltas = ["Hel", "lo"].map((text): AgentEvent => ({ branch, type: "text-delta", text }));
  expect(taken(...deltas).entries).toMatchObject([
    { version: 1, entry: { type: "answer", text: "Hello", isOpen: true } },
  ]);
  const transcript = taken(...deltas, { branch, type: "turn-end", stop: "done" });
  expect(transcript.entries[0]).toMatchObject({ version: 2, entry: { isOpen: false } });
});

test("thinking and words are apart", () => {
  const entries = taken(
    { branch, type: "thinking-delta", text: "hm" },
    { branch, type: "text-delta", text: "Yes" },
    { branch, type: "thinking-delta", text: "so" },
  ).entries.map(({ entry }) => [entry.type, "isOpen" in entry && entry.isOpen]);
  expect(entries).toEqual([
    ["thinking", false],
    ["answer", false],
    ["thinking", true],
  ]);
});

test("a call changes where it stands, whatever came after it", () => {
  const transcript = taken(
    { branch, type: "tool-start", id: "a", name: "Bash", input: { command: "ls" } },
    { branch, type: "tool-start", id: "b", name: "Ls", input: {} },
    { branch, type: "tool-output", id: "a", text: "one\n" },
    { branch, type: "tool-end", id: "a", name: "Bash", text: "one\ntwo", isError: true, isDenied: false },
  );
  expect(transcript.entries.map(({ entry }) => entry)).toMatchObject([
    { id: "a", state: "failed", text: "one\ntwo", startedAt: 1000, endedAt: 1000 },
    { id: "b", state: "running" },
  ]);
});

test("of what a call prints without end the last is kept", () => {
  const transcript = taken({ branch, type: "tool-start", id: "a", name: "Bash", input: {} });
  for (let i = 0; i < 100; i++) transcript.take({ branch, type: "tool-output", id: "a", text: "y\n".repeat(1000) }, 0);
  const entry = transcript.entries[0]?.entry;
  expect(entry?.type === "call" && entry.text.length).toBe(32 * 1024);
});

test("what is read out of git is what the events told", async () => {
  await using repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
  const model = scriptedModel([
    { content: [{ type: "text", text: "I look." }, call("1", "Read", { file_path: "a.txt" })] },
    { content: [{ type: "text", text: "I change it." }, call("2", "Write", { file_path: "a.txt", content: "two\n" })] },
    { content: [call("3", "Read", { file_path: "missing" })] },
    new Error("The line is dead"),
  ]);
  const agent = await Agent.start({ cwd: repository.path, model });
  const live = new Transcript();
  await agent.run("change it", { onEvent: (event) => live.take(event, 0) });
  const read = entriesOf(await readTranscript(await Repository.open(repository.path), agent.branch));
  await agent.close();
  const plain = (entry: Entry) => {
    const { startedAt: _, endedAt: __, id: ___, ...rest } = { startedAt: 0, endedAt: 0, id: "", ...entry };
    return rest;
  };
  const told = live.entries.map(({ entry }) => entry).filter(({ type }) => type !== "notice");
  expect(read.map(plain)).toEqual(told.map(plain));
});
