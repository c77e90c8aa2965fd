import { scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Program } from "../program.ts";

let repository: TemporaryRepository;
beforeEach(async () => {
  const files = {
    "reader.yaml": "system: You only read.\ntools: [Read, Grep]\npermissionMode: plan\n",
    "none.yaml": "tools: [Fly]\n",
    "wrong.yaml": "sytem: You only read.\n",
  };
  repository = await temporaryRepository({ enter: true, files });
});
afterEach(() => repository[Symbol.asyncDispose]());

function open(...replies: string[]) {
  const model = scriptedModel(replies);
  const program = new Program({ agent: { cwd: repository.path, model }, onChange: () => {} });
  const type = async (text: string) => {
    await program.submit(program.active, text);
    const last = program.active.transcript.entries.findLast(({ entry }) => entry.type === "output")?.entry;
    return last?.type === "output" ? `${last.isError ? "! " : ""}${last.text}` : "";
  };
  return { program, model, type };
}

test("what fills the window is told, and before anything was said what a session begins with", async () => {
  const { program, type } = open("Hello.");
  await using _ = program;
  expect(await type("/context")).toMatch(/^ *\d+ {2}system prompt$/m);
  await type("greet me");
  const told = await type("/context");
  expect(told).toMatch(/^[\d.]+k of \d+k tokens, estimated$/m);
  expect(told).toMatch(/^ {2}tools +[\d.]+k? +\d+\.\d %$/m);
  expect(told).toMatch(/^ {2}messages +\d+ +0\.0 %$/m);
});

test("a conversation is summarized with what is to be heeded, and goes on from the summary", async () => {
  const { program, model, type } = open("One.", "A summary of it all.", "Two.");
  await using _ = program;
  await type("first");
  expect(await type("/compact keep the names")).toMatch(/^Summarized 2 steps: about .+ tokens became .+\.$/);
  expect(JSON.stringify(model.requests[1])).toContain("keep the names");
  await type("second");
  expect(JSON.stringify(model.requests[2]?.messages)).toContain("A summary of it all.");
});

test("nothing is summarized where nothing was said", async () => {
  const { program, type } = open();
  await using _ = program;
  expect(await type("/compact")).toBe(
    "! Nothing was asked in this tab yet, so it has no branch.\nUsage: /compact [<what to heed>]",
  );
});

test("an agent file changes how the tab goes on", async () => {
  const { program, model, type } = open("One.", "Two.");
  await using _ = program;
  await type("first");
  expect(await type("/config reader.yaml")).toBe(
    "system prompt: that of the file\ntools: Read, Grep\npermissions: plan",
  );
  await type("second");
  expect(model.requests[1]?.system).toContain("You only read.");
  expect(program.active.agent?.tools).toContain("Read");
  expect(program.active.agent?.tools).not.toContain("Bash");
  expect(program.permissionModeOf(program.active)).toBe("plan");
});

test("before there is a session it changes how one starts, and a file that is wrong changes nothing", async () => {
  const { program, model, type } = open("One.");
  await using _ = program;
  expect(await type("/config wrong.yaml")).toMatch(/^! .*wrong\.yaml:1: .*"sytem"/);
  expect(await type("/config none.yaml")).toMatch(/^! .*Fly/);
  expect(await type("/config missing.yaml")).toMatch(/^! missing\.yaml is not there, or is no agent file\./);
  expect(program.agent.tools).toBeUndefined();
  await type("/config reader.yaml");
  await type("first");
  expect(model.requests[0]?.system).toContain("You only read.");
});
