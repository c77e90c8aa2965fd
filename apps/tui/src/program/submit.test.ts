import { type Script, scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Front } from "./front.ts";
import { Program } from "./program.ts";

let repository: TemporaryRepository;
const open: Program[] = [];

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
});

afterEach(async () => {
  for (const program of open.splice(0)) await program[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

function start(script: Script, front: Front = {}) {
  let look = () => {};
  const model = scriptedModel(script);
  const program = new Program({ agent: { cwd: repository.path, model }, front, onChange: () => look() });
  open.push(program);
  const when = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (isTrue()) resolve();
      };
      look();
    });
  return { program, model, when };
}

const lastOutput = ({ active }: Program) =>
  active.transcript.entries.findLast(({ entry }) => entry.type === "output")?.entry;

test("a command of the user's is captured, and what it changes is committed in their name", async () => {
  const { program } = start([]);
  await program.submit(program.active, "!echo two | tee a.txt");
  expect(lastOutput(program)).toMatchObject({
    title: "!echo two | tee a.txt",
    text: expect.stringMatching(/^two\n● [0-9a-f]{9} {2}/),
    isError: false,
    isOpen: false,
  });
  const branch = program.active.agent?.branch ?? "";
  expect(await repository.git("show", `${branch}:a.txt`)).toBe("two");
  expect(await repository.read("a.txt")).toBe("one\n");
});

test("what a command prints is shown while it runs, and an abort stops it", async () => {
  const { program, when } = start([]);
  const run = program.submit(program.active, "!echo begun; sleep 60");
  await when(() => lastOutput(program)?.type === "output" && JSON.stringify(lastOutput(program)).includes("begun\\n"));
  expect([program.active.state, program.active.isBusy]).toEqual(["running", true]);
  program.active.abort();
  await run;
  expect(lastOutput(program)).toMatchObject({ text: "begun\ninterrupted", isError: true });
});

test("a prompt that is typed while a command runs is sent after it", async () => {
  const { program, model, when } = start(["Hello."]);
  const run = program.submit(program.active, "!until [ -e go ]; do sleep 0.01; done");
  await when(() => program.active.agent !== undefined);
  await program.submit(program.active, "greet me");
  expect(program.active.waiting).toEqual(["greet me"]);
  expect(model.requests).toHaveLength(0);
  await program.active.agent?.ready();
  await program.active.agent?.runByHand("touch go");
  await run;
  expect(model.requests).toHaveLength(1);
});

test("a command that needs the terminal gets it, where it can be given away", async () => {
  const handed: string[] = [];
  const handOver = async <Result>(run: () => Promise<Result>) => {
    handed.push("away");
    const result = await run();
    handed.push("back");
    return result;
  };
  const { program } = start([], { handOver });
  await program.submit(program.active, "$test -t 9; echo x > made.txt; exit 4");
  expect(handed).toEqual(["away", "back"]);
  expect(lastOutput(program)).toMatchObject({ isError: true, text: expect.stringMatching(/^exit code 4\n● /) });
  const bare = start([]).program;
  await bare.submit(bare.active, "$vim");
  expect(lastOutput(bare)).toMatchObject({
    isError: true,
    text: "The terminal cannot be given away here. Captured it runs: !vim",
  });
  await bare.submit(bare.active, "!");
  expect(lastOutput(bare)).toMatchObject({ isError: true, text: "Say what to run, as in: !git status" });
});

test("what is typed while a turn runs reaches its model at the end of the step", async () => {
  const command = "until [ -e go ]; do sleep 0.01; done";
  const wait = { content: [{ type: "call", id: "1", name: "Bash", input: { command } }] } as const;
  const { program, model, when } = start([wait, "As you like."]);
  await program.configure(program.active, { permissionMode: "bypassPermissions" });
  const turn = program.submit(program.active, "wait");
  await when(() => program.active.transcript.entries.some(({ entry }) => entry.type === "call"));
  await program.submit(program.active, "hurry");
  expect(program.active.waiting).toEqual(["hurry"]);
  await program.submit(program.active, "!touch go");
  await turn;
  expect(program.active.waiting).toEqual([]);
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("hurry");
  expect(program.active.transcript.entries.map(({ entry }) => entry.type)).toContain("prompt");
});
